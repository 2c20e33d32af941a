import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { startProgram } from './start-program.ts'

const server = `
  const server = require('node:http').createServer((request, response) => response.end(process.env.GREETING))
  server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })))
  process.once('SIGTERM', () => {
    server.close(() => process.stdout.write('bye'))
    server.closeAllConnections()
  })`
const run = (program: string) => startProgram(process.execPath, ['-e', program], { cwd: tmpdir(), env: { GREETING: 'hello' } })

test('a program answers where it said, and has its last word', async () => {
  const { origin, log, stop } = await run(server)
  expect(await (await fetch(origin)).text()).toBe('hello')
  await stop()
  expect(log()).toMatch(/^\{"port":\d+\}\nbye$/)
  await stop()
})

test('what a program wrote before it failed is told', async () => {
  await expect(run(`throw new Error('no shop today')`)).rejects.toThrow(/ended at once[^]*no shop today/)
})
