// `load-generator.mjs <port> <path> <connections> <seconds> <file with a Cookie header a line>`: asks for one path over and over, each
// connection for the next cookie as soon as it has its answer, and prints what it counted.
import { Buffer } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { constants, setPriority } from 'node:os'

const [port, path, connections, seconds, file] = process.argv.slice(2)
const requests = readFileSync(file, 'utf8')
  .split('\n')
  .map((cookie) => Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nCookie: ${cookie}\r\n\r\n`))
const headEnd = Buffer.from('\r\n\r\n')
const counted = { requests: 0, failed: 0 }
let next = 0
let isOver = false

for (let opened = 0; opened < Number(connections); opened += 1) {
  const socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true })
  const ask = () => {
    next = (next + 1) % requests.length
    socket.write(requests[next])
  }
  let begun
  socket.on('connect', ask)
  socket.on('data', (bytes) => {
    const answer = begun === undefined ? bytes : Buffer.concat([begun, bytes])
    begun = isWhole(answer) ? undefined : answer
    if (begun !== undefined || isOver) return
    counted.requests += 1
    if (answer.latin1Slice(9, 12) !== '200') counted.failed += 1
    ask()
  })
  socket.on('error', () => (counted.failed += 1))
  socket.on('end', () => (counted.failed += 1))
}

function isWhole(answer) {
  const end = answer.indexOf(headEnd)
  if (end < 0) return false
  const [, length] = /^content-length: *(\d+)/im.exec(answer.latin1Slice(0, end)) ?? []
  if (length === undefined) throw new Error(`${path} is answered without Content-Length, by which this load generator finds its end.`)
  return answer.length >= end + headEnd.length + Number(length)
}

// It never sleeps. One that does has to be woken for each answer, and that is charged to the server: some 25 microseconds on a
// virtual machine, more than the answer itself, and only where the server is the slower of the two (measured with wrk, and with this one asleep).
function stayAwake() {
  if (!isOver) setImmediate(stayAwake)
}

// Redis has the same core, and goes first.
setPriority(constants.priority.PRIORITY_LOW)
const startedAt = performance.now()
stayAwake()
setTimeout(
  () => {
    isOver = true
    console.log(JSON.stringify({ ...counted, microseconds: Math.round((performance.now() - startedAt) * 1_000) }))
    process.exit()
  },
  Number(seconds) * 1_000,
)
