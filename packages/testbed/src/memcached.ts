import type { Certificate } from './certificate.ts'
import { freePort } from './free-port.ts'
import { memcachedCommand, memcachedExchange } from './memcached-command.ts'
import { passwordService } from './password-service.ts'
import type { User } from './password-service.ts'
import { program } from './program.ts'
import { serverFolder } from './server-folder.ts'
import { startServerProcess } from './server-process.ts'

export interface MemcachedOptions {
  /** @default a free one */
  readonly port?: number | undefined
  /** Further arguments of memcached: `['-I', '2m']`. */
  readonly args?: readonly string[] | undefined
  /** For what it holds, in megabytes; beyond, it evicts. @default memcached's own: 64 */
  readonly memoryMegabytes?: number | undefined
  /** With one, it speaks TLS and nothing else. */
  readonly tls?: Certificate | undefined
  /** With one, it asks for this user's password (SASL, PLAIN), and takes no text protocol, so no `command` and no `stats`. */
  readonly user?: User | undefined
  /** Milliseconds that it may take to start. @default 30000 */
  readonly timeout?: number | undefined
}

/** A real memcached on 127.0.0.1. */
export interface MemcachedServer {
  readonly port: number
  /** `127.0.0.1` */
  readonly host: string
  /** `127.0.0.1:<port>` */
  readonly address: string
  /** The current process; another one after `restart()`. */
  readonly pid: number
  /** Whether its process is there, paused or not. */
  readonly running: boolean
  /** The last that it wrote to its log. */
  log(): string
  /** Runs one command of the text protocol over a connection of its own: `await memcached.command('set key 0 0 5', 'value')`. */
  command(...lines: [string, ...string[]]): Promise<string>
  /** What `stats` says, or `stats items` and the like. */
  stats(about?: string): Promise<Readonly<Record<string, string>>>
  /** Freezes it (SIGSTOP): its connections stay open, and connecting still works, but nothing is answered. */
  pause(): void
  /** Lets it go on (SIGCONT); it then does what it was asked meanwhile. */
  resume(): void
  /** Ends it in good order, and resolves when it has ended. @default 'SIGTERM' */
  stop(signal?: NodeJS.Signals): Promise<void>
  /** Ends it at once (SIGKILL). */
  kill(): Promise<void>
  /** Ends it if it runs, and starts it on the same port: empty. */
  restart(): Promise<void>
  /** Kills it and removes its folder. */
  close(): Promise<void>
}

/**
 * Starts a memcached and resolves once it answers.
 *
 * @throws Error with the last lines of its log if it does not start.
 * @example
 * const memcached = await startMemcached({ memoryMegabytes: 2 })
 * await memcached.command('set key 0 0 5', 'value')
 * await memcached.close()
 */
export async function startMemcached(options: MemcachedOptions = {}): Promise<MemcachedServer> {
  const { args = [], memoryMegabytes, tls, user, timeout } = options
  const command = program('memcached')
  const port = options.port ?? (await freePort())
  const folder = serverFolder('memcached')
  const passwords = user === undefined ? undefined : await passwordService(folder.path, 'memcached', user)
  // It refuses to run as root unless it is told to.
  const asRoot = process.getuid?.() === 0 ? ['-u', 'root'] : []
  const memory = memoryMegabytes === undefined ? [] : ['-m', String(memoryMegabytes)]
  const listening = ['-l', '127.0.0.1', '-p', String(port), ...(passwords === undefined ? [] : ['-S'])]
  const allArgs = [...asRoot, ...listening, ...memory, ...(tls?.memcachedArgs ?? []), ...args]
  const place = { port, ca: tls?.ca }
  const ready = () => (passwords === undefined ? memcachedCommand(place, ['version'], 500) : asksForPassword(place))
  const start = () => startServerProcess({ command, args: allArgs, env: passwords?.env, folder, timeout, ready })

  async function close(): Promise<void> {
    await passwords?.close()
    await folder.close()
  }
  let server = await start().catch(async (error) => {
    await close()
    throw error
  })
  return {
    port,
    host: '127.0.0.1',
    address: `127.0.0.1:${port}`,
    get pid() {
      return server.pid
    },
    get running() {
      return server.running
    },
    log: () => server.log(),
    command: (...lines) => memcachedCommand(place, lines),
    async stats(about) {
      const reply = await memcachedCommand(place, [about === undefined ? 'stats' : `stats ${about}`])
      return Object.fromEntries([...reply.matchAll(/^STAT (\S+) (.*?)\r?$/gm)].map(([, name, value]) => [name, value]))
    },
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
      await close()
    },
  }
}

/** The binary protocol's question for the mechanisms that it takes: all that may be asked without a password. */
function asksForPassword(place: { readonly port: number }): Promise<string> {
  const listMechanisms = Buffer.alloc(24)
  listMechanisms.set([0x80, 0x20])
  return memcachedExchange(place, listMechanisms, (received) => (received.includes('PLAIN') ? received : undefined), 500)
}
