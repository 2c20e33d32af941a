import { randomInt } from 'node:crypto'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { expect, onTestFinished, test } from 'vitest'
import { freePort, freePorts } from './free-port.ts'
import { listen } from './listen.ts'
import { startProgram } from './start-program.ts'

/** The port that is given where this one is drawn first, and then any. */
function drawing(first: number): Promise<number> {
  const draws = [first]
  return freePort(() => draws.shift() ?? randomInt(15_000, 32_000))
}

test('a port that nobody has is given', async () => {
  let last = 0
  const port = await freePort(() => (last = randomInt(15_000, 32_000)))
  expect(port).toBe(last)
  expect(new Set(await freePorts(50)).size).toBe(50)
})

test('one that was given is not given again, though nobody listens on it', async () => {
  const port = await freePort()
  expect(await drawing(port)).not.toBe(port)
})

test('nor one that somebody listens on', async () => {
  const { url, close } = await listen(createServer())
  onTestFinished(close)
  const port = Number(new URL(url).port)
  expect(await drawing(port)).not.toBe(port)
})

test('one that another process was given is given once that has ended', async () => {
  const module = new URL('free-port.ts', import.meta.url).href
  const code = `
    const { freePort } = await import('${module}')
    console.log(JSON.stringify({ port: await freePort() }))
    setInterval(() => {}, 1_000)`
  const args = ['--import', import.meta.resolve('tsx'), '--input-type=module', '--eval', code]
  const other = await startProgram(process.execPath, args, { cwd: tmpdir() })
  onTestFinished(() => other.stop())
  const port = Number(new URL(other.origin).port)
  expect(await drawing(port)).not.toBe(port)
  await other.stop('SIGKILL')
  expect(await drawing(port)).toBe(port)
})
