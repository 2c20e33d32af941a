import { freePort } from './free-port.ts'
import type { RedisReply } from './redis-command.ts'
import type { Machine } from './two-machines.ts'
import { startRedisProcess } from './redis-process.ts'

export interface RedisOptions {
  /** @default a free one */
  readonly port?: number | undefined
  /** Keep every acknowledged change on disk, so that it survives `kill()` and `restart()`. @default false */
  readonly appendonly?: boolean | undefined
  /**
   * The Redis that it is a replica of, or its URL. It answers before it has its first copy. REPLICAOF changes whom it follows until it is
   * restarted; with CONFIG REWRITE, after that too.
   */
  readonly replicaOf?: string | Pick<RedisServer, 'url'> | undefined
  /** Further arguments of redis-server: `['--maxmemory', '2mb']`. */
  readonly args?: readonly string[] | undefined
  /** Milliseconds that it may take to start. @default 30000 */
  readonly timeout?: number | undefined
  /** Where it runs. @default here, on 127.0.0.1 */
  readonly machine?: Machine | undefined
}

/** A real Redis, with a folder of its own. */
export interface RedisServer {
  readonly port: number
  /** `127.0.0.1`, unless it runs on another machine. */
  readonly host: string
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
  const { appendonly = false, replicaOf, args = [], timeout, machine } = options
  const port = options.port ?? (await freePort())
  const persistence = appendonly ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no']
  const configuration = replicaOf === undefined ? [] : [`replicaof ${addressOf(replicaOf)}`]
  return startRedisProcess({ port, name: 'redis', configuration, args: ['--save', '', ...persistence, ...args], timeout, machine })
}

function addressOf(primary: string | Pick<RedisServer, 'url'>): string {
  const { hostname, port } = new URL(typeof primary === 'string' ? primary : primary.url)
  return `${hostname} ${port || 6379}`
}
