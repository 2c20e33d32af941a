import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'

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
    process.stdout.write(JSON.stringify([redis.pid, folder]), () => { ${ending} })
  `
  const { pid, folder } = await run(script)
  await vanished(() => isRunning(pid) || existsSync(folder))
})

test('no server outlives the worker thread that started it', async () => {
  const inThread = `
    const { register } = require('tsx/esm/api')
    register()
    import('${redisModule}').then(async ({ startRedis }) => {
      const redis = await startRedis()
      const [, folder] = await redis.command('CONFIG', 'GET', 'dir')
      require('node:worker_threads').parentPort.postMessage([redis.pid, folder])
      setInterval(() => {}, 1000)
    })
  `
  const script = `
    import { Worker } from 'node:worker_threads'
    const worker = new Worker(${JSON.stringify(inThread)}, { eval: true })
    worker.once('message', async (message) => {
      await worker.terminate()
      process.stdout.write(JSON.stringify(message))
      process.stdin.resume()
    })
  `
  const { pid, folder, child } = await run(script, 'keep')
  await vanished(() => isRunning(pid) || existsSync(folder))
  expect(child.exitCode).toBeNull()
  child.kill('SIGKILL')
})

async function run(script: string, afterwards: 'end' | 'keep' = 'end') {
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 'ignore'] })
  const exited = once(child, 'exit')
  const [output] = (await once(child.stdout, 'data')) as [Buffer]
  if (afterwards === 'end') await exited
  const [pid, folder] = JSON.parse(output.toString()) as [number, string]
  return { pid, folder, child }
}

/** Resolves when `present` says no more; the test's own time limit is the bound. */
async function vanished(present: () => boolean): Promise<void> {
  while (present()) await sleep(10)
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
