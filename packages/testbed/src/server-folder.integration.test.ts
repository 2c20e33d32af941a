import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'vitest'
import { redisCommand } from './redis-command.ts'

const redisModule = new URL('redis.ts', import.meta.url).href

// What becomes of a server that nobody closes, by what ends the process that started it.
test.each([
  ['its work is done', ''],
  ['process.exit()', 'process.exit(3)'],
  ['an uncaught exception', 'throw new Error("on purpose")'],
  ['an unhandled rejection', 'Promise.reject(new Error("on purpose")); setInterval(() => {}, 1000)'],
  ['SIGINT', 'process.kill(process.pid, "SIGINT"); setInterval(() => {}, 1000)'],
  ['SIGTERM', 'process.kill(process.pid, "SIGTERM"); setInterval(() => {}, 1000)'],
  ['SIGKILL', 'process.kill(process.pid, "SIGKILL"); setInterval(() => {}, 1000)'],
  ['SIGKILL while the server is paused', 'redis.pause(); process.kill(process.pid, "SIGKILL")'],
])('no server and no folder outlives its process, ended by %s', async (_, ending) => {
  const script = `
    import { startRedis } from '${redisModule}'
    const redis = await startRedis()
    const [, folder] = await redis.command('CONFIG', 'GET', 'dir')
    process.stdout.write(JSON.stringify([redis.port, folder]), () => { ${ending} })
  `
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'ignore'] })
  const exited = once(child, 'exit')
  const [output] = (await once(child.stdout, 'data')) as [Buffer]
  const [port, folder] = JSON.parse(output.toString()) as [number, string]
  await exited
  // The test's own time limit is the bound.
  while (existsSync(folder) || (await isListening(port))) await sleep(10)
})

async function isListening(port: number): Promise<boolean> {
  return redisCommand(port, ['PING'], 100).then(
    () => true,
    (error: Error) => !error.message.includes('ECONNREFUSED'),
  )
}
