import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { program } from './program.ts'
import { redisCommand } from './redis-command.ts'
import type { RedisServer } from './redis.ts'
import { serverFolder } from './server-folder.ts'
import type { Machine } from './two-machines.ts'
import { startServerProcess } from './server-process.ts'

/** What a Redis and a Sentinel are started with. */
export interface RedisProcessOptions {
  readonly port: number
  /** What its folder is named after. */
  readonly name: string
  /** The lines of its configuration file, which it may rewrite: what it writes there outlives `restart()`. */
  readonly configuration: readonly string[]
  /** Further arguments, which no rewriting changes. */
  readonly args: readonly string[]
  readonly timeout?: number | undefined
  /** Where it runs. @default here, on 127.0.0.1 */
  readonly machine?: Machine | undefined
}

/** Starts a redis-server, in whichever mode its arguments say, and resolves once it answers PING. */
export async function startRedisProcess(options: RedisProcessOptions): Promise<RedisServer> {
  const { port, name, configuration, args, timeout, machine } = options
  const host = machine?.address ?? '127.0.0.1'
  const folder = serverFolder(name)
  const file = join(folder.path, `${name}.conf`)
  // Another machine is out of reach, its files are not.
  const socket = join(folder.path, `${name}.sock`)
  const where = machine === undefined ? port : socket
  const listening = [
    '--port',
    String(port),
    '--bind',
    host,
    ...(machine === undefined ? [] : ['--unixsocket', socket, '--protected-mode', 'no']),
  ]
  const ownArgs = [file, ...listening, '--dir', folder.path, ...args]
  const [command, allArgs] = machine?.enter(program('redis-server'), ownArgs) ?? [program('redis-server'), ownArgs]
  const ready = () => redisCommand(where, ['PING'], 500).catch(unlessAlive)
  const start = () => startServerProcess({ command, args: allArgs, folder, timeout, ready })

  writeFileSync(file, configuration.map((line) => `${line}\n`).join(''))
  let server = await start().catch(async (error) => {
    await folder.close()
    throw error
  })
  return {
    port,
    host,
    url: `redis://${host}:${port}`,
    get pid() {
      return server.pid
    },
    get running() {
      return server.running
    },
    log: () => server.log(),
    command: (...words) => redisCommand(where, words),
    pause: () => server.signal('SIGSTOP'),
    resume: () => server.signal('SIGCONT'),
    stop: (signal) => server.stop(signal),
    kill: () => server.stop('SIGKILL'),
    async restart() {
      await server.stop()
      server = await start()
    },
    async close() {
      await server.stop('SIGKILL')
      await folder.close()
    },
  }
}

/** A server that asks for a password is up. */
function unlessAlive(error: Error): void {
  if (!error.message.includes('NOAUTH')) throw error
}
