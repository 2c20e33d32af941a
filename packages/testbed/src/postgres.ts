import { execFile } from 'node:child_process'
import { chownSync, realpathSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { childProcesses } from './child-processes.ts'
import { freePort } from './free-port.ts'
import { program } from './program.ts'
import { serverFolder } from './server-folder.ts'
import { startServerProcess } from './server-process.ts'
import { systemUser } from './system-user.ts'

export interface PostgresOptions {
  /** Further arguments of postgres: `['-c', 'max_connections=5']`. */
  readonly args?: readonly string[] | undefined
}

/** A real PostgreSQL on 127.0.0.1, with a folder of its own. */
export interface PostgresServer {
  readonly port: number
  /** `postgres://postgres@127.0.0.1:<port>/postgres`: its superuser, without a password. */
  readonly url: string
  /** The last that it wrote to its log. */
  log(): string
  /** Freezes it and the processes of its connections (SIGSTOP): they stay open, and connecting still works, but nothing is answered. */
  pause(): void
  /** Lets all of them go on (SIGCONT); they then do what they were asked meanwhile. */
  resume(): void
  /** Ends it, with the connections to it, and removes its folder. */
  stop(): Promise<void>
}

/**
 * Makes an empty database and starts a PostgreSQL on it; resolves once it takes connections. It keeps nothing that its machine would
 * lose.
 *
 * @throws Error with the last lines of its log if it does not start.
 * @example
 * const postgres = await startPostgres()
 * const pool = new Pool({ connectionString: postgres.url })
 * await postgres.stop()
 */
export async function startPostgres({ args = [] }: PostgresOptions = {}): Promise<PostgresServer> {
  const command = program('postgres')
  const port = await freePort()
  const folder = serverFolder('postgres')
  // It refuses to run as root.
  const user = process.getuid?.() === 0 ? systemUser('postgres', 'nobody') : undefined
  const data = join(folder.path, 'data')
  const start = async () => {
    if (user !== undefined) chownSync(folder.path, user.uid, user.gid)
    const initdb = join(dirname(realpathSync(command)), 'initdb')
    const cluster = ['--pgdata', data, '--username=postgres', '--auth=trust', '--encoding=UTF8', '--locale=C']
    await promisify(execFile)(initdb, [...cluster, '--no-sync', '--no-instructions'], { cwd: folder.path, ...user })
    const allArgs = ['-D', data, '-p', String(port), ...settings, ...args]
    return startServerProcess({ command, args: allArgs, folder, user, ready: isAccepting })
  }
  const server = await start().catch(async (error) => {
    await folder.close()
    throw error
  })

  // Each connection has a process, in a group of its own, which a signal to the server's does not reach.
  const paused: number[] = []
  function pause(): void {
    server.signal('SIGSTOP')
    const others = () => childProcesses(server.pid).filter((pid) => !paused.includes(pid))
    // One that it was just starting shows at the second look.
    for (let more = others(); more.length > 0; more = others()) {
      paused.push(...more)
      // A stopped process does not see that its parent has ended: whoever buries them has to know of all.
      writeFileSync(folder.pidFile, [server.pid, ...paused].join('\n'))
      for (const pid of more) process.kill(pid, 'SIGSTOP')
    }
  }
  function resume(): void {
    for (const pid of paused.splice(0)) process.kill(pid, 'SIGCONT')
    if (server.running) writeFileSync(folder.pidFile, String(server.pid))
    server.signal('SIGCONT')
  }
  return {
    port,
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    log: () => server.log(),
    pause,
    resume,
    async stop() {
      resume()
      // SIGTERM would wait for its clients to leave.
      await server.stop('SIGINT')
      await folder.close()
    },
  }
}

const settings = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'fsync=off',
  'full_page_writes=off',
  'synchronous_commit=off',
  // Files of its own folder, which go with it whatever ends it.
  'dynamic_shared_memory_type=mmap',
].flatMap((setting) => ['-c', setting])

async function isAccepting(log: string): Promise<void> {
  if (!log.includes('ready to accept connections')) throw new Error('it takes no connections yet')
}
