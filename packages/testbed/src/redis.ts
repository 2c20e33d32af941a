import { program } from './program.ts'
import { freePort } from './free-port.ts'
import { redisCommand } from './redis-command.ts'
import type { RedisReply } from './redis-command.ts'
import { serverFolder } from './server-folder.ts'
import { startServerProcess } from './server-process.ts'

export interface RedisOptions {
  /** @default a free one */
  readonly port?: number | undefined
  /** Keep every acknowledged change on disk, so that it survives `kill()` and `restart()`. @default false */
  readonly appendonly?: boolean | undefined
  /** Further arguments of redis-server: `['--maxmemory', '2mb']`. */
  readonly args?: readonly string[] | undefined
  /** Milliseconds that it may take to start. @default 15000 */
  readonly timeout?: number | undefined
}

/** A real Redis on 127.0.0.1, with a folder of its own. */
export interface RedisServer {
  readonly port: number
  /** `redis://127.0.0.1:<port>` */
  readonly url: string
  /** The current process; another one after `restart()`. */
  readonly pid: number
  /** Whether its process is there, paused or not. */
  readonly running: boolean
  /** The last that it wrote to its log. */
  log(): string
  /** Runs one command over a connection of its own: `await redis.command('GET', 'key')`. */
  command(...command: [string, ...(string | number)[]]): Promise<RedisReply>
  /** Freezes it (SIGSTOP): its connections stay open, and connecting still works, but nothing is answered. */
  pause(): void
  /** Lets it go on (SIGCONT); it then does what it was asked meanwhile. */
  resume(): void
  /** Ends it in good order, and resolves when it has ended. @default 'SIGTERM' */
  stop(signal?: NodeJS.Signals): Promise<void>
  /** Ends it at once (SIGKILL). */
  kill(): Promise<void>
  /** Ends it if it runs, and starts it on the same port with the same folder: empty, unless `appendonly` was asked for. */
  restart(): Promise<void>
  /** Kills it and removes its folder. */
  close(): Promise<void>
}

/**
 * Starts a Redis and resolves once it answers PING. It keeps nothing on disk unless asked to.
 *
 * @throws Error with the last lines of its log if it does not start.
 * @example
 * const redis = await startRedis()
 * await redis.command('SET', 'key', 'value')
 * await redis.close()
 */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const { appendonly = false, args = [], timeout } = options
  const command = program('redis-server')
  const port = options.port ?? (await freePort())
  const folder = serverFolder('redis')
  const persistence = appendonly ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no']
  const allArgs = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder.path, '--save', '', ...persistence, ...args]
  const start = () =>
    startServerProcess({ command, args: allArgs, folder, timeout, ready: () => redisCommand(port, ['PING'], 500).catch(unlessAlive) })

  let server = await start().catch(async (error) => {
    await folder.close()
    throw error
  })
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    get pid() {
      return server.pid
    },
    get running() {
      return server.running
    },
    log: () => server.log(),
    command: (...words) => redisCommand(port, words),
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
