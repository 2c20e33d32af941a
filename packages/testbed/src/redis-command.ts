import { connect } from 'node:net'

/** What Redis answers, as RESP2 says it; an error reply is a rejection. */
export type RedisReply = string | number | null | RedisReply[]

/**
 * Sends one command to a port of 127.0.0.1 or to a Unix socket, over a connection of its own, so that tests need no client library to
 * look at, or upset, a server.
 *
 * @throws Error with the server's own words if it answers an error, or after `timeout` milliseconds (5000).
 * @example
 * await redisCommand(port, ['SET', 'key', 'value'])
 */
export function redisCommand(where: number | string, command: readonly (string | number)[], timeout = 5_000): Promise<RedisReply> {
  return new Promise((resolve, reject) => {
    const socket = connect(typeof where === 'number' ? { port: where, host: '127.0.0.1' } : { path: where })
    let received = ''
    const settle = (act: () => void): void => {
      clearTimeout(timer)
      socket.destroy()
      act()
    }
    const fail = (what: string): void =>
      settle(() => reject(new Error(`Redis ${typeof where === 'number' ? `on port ${where}` : `at ${where}`}: ${what}`)))
    const timer = setTimeout(() => fail(`no answer to ${command[0]} within ${timeout} ms`), timeout)

    // latin1 keeps one character a byte, so that lengths count.
    socket.setEncoding('latin1').on('data', (text: string) => {
      received += text
      const parsed = parse(received, 0)
      if (parsed === undefined) return
      if (parsed.reply instanceof Error) fail(parsed.reply.message)
      else settle(() => resolve(parsed.reply as RedisReply))
    })
    socket.on('error', (error) => fail(error.message))
    socket.once('close', () => fail(`closed the connection before it answered ${command[0]}`))
    socket.write(encode(command))
  })
}

function encode(command: readonly (string | number)[]): string {
  const words = command.map(String).map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`)
  return `*${words.length}\r\n${words.join('')}`
}

interface Parsed {
  reply: RedisReply | Error
  next: number
}

/** One reply from `text` at `at`, or undefined if it is not complete. */
function parse(text: string, at: number): Parsed | undefined {
  const end = text.indexOf('\r\n', at)
  if (end < 0) return undefined
  const line = utf8(text.slice(at + 1, end))
  const next = end + 2
  switch (text[at]) {
    case '+':
      return { reply: line, next }
    case '-':
      return { reply: new Error(line), next }
    case ':':
      return { reply: Number(line), next }
    case '$':
      return parseBulk(text, next, Number(line))
    case '*':
      return parseArray(text, next, Number(line))
    default:
      return { reply: new Error(`an answer that is no RESP2: ${line}`), next }
  }
}

function parseBulk(text: string, at: number, length: number): Parsed | undefined {
  if (length < 0) return { reply: null, next: at }
  if (text.length < at + length + 2) return undefined
  return { reply: utf8(text.slice(at, at + length)), next: at + length + 2 }
}

function parseArray(text: string, at: number, length: number): Parsed | undefined {
  if (length < 0) return { reply: null, next: at }
  const items: RedisReply[] = []
  let next = at
  while (items.length < length) {
    const item = parse(text, next)
    if (item === undefined || item.reply instanceof Error) return item
    items.push(item.reply)
    next = item.next
  }
  return { reply: items, next }
}

function utf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8')
}
