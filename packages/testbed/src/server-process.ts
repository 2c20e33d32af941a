import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ServerFolder } from './server-folder.ts'
import type { SystemUser } from './system-user.ts'

/** How to start a server, and how to tell that it is up. */
export interface ServerProcessOptions {
  readonly command: string
  readonly args: readonly string[]
  /** It is killed when this folder is closed. */
  readonly folder: ServerFolder
  /** @default its folder */
  readonly cwd?: string | undefined
  /** @default this process's */
  readonly env?: NodeJS.ProcessEnv | undefined
  /** Whom it runs as. @default this process's user */
  readonly user?: SystemUser | undefined
  /** Resolves if the server answers; rejects if it does not yet. Called until it resolves, with what the server wrote so far. */
  readonly ready: (log: string) => Promise<unknown>
  /** Milliseconds that it may take to start. @default 30000 */
  readonly timeout?: number | undefined
}

/** A running server. */
export interface ServerProcess {
  readonly pid: number
  readonly running: boolean
  /** Once it has ended by itself: undefined before, and where a signal ended it. */
  readonly exitCode: number | undefined
  /** The last 8 kB that it wrote to stdout and stderr. */
  log(): string
  /** Sends a signal to it and to its own children. */
  signal(name: NodeJS.Signals): void
  /** Asks it to end, and resolves when it has; after 5 seconds it is killed. @default 'SIGTERM' */
  stop(name?: NodeJS.Signals): Promise<void>
}

/**
 * Starts a server and resolves once it answers.
 *
 * @throws Error if it ends or does not answer in time; the message holds the last lines that it wrote.
 */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const { command, args, folder, cwd = folder.path, env, user, ready, timeout = 30_000 } = options
  // A group of its own: one signal reaches its children too, and Ctrl-C does not end it before the tests.
  const child = spawn(command, args, { cwd, env, ...user, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let log = ''
  let running = true
  const keep = (text: string): void => {
    log = (log + text).slice(-8_192)
  }
  const exited = new Promise<void>((resolve) => {
    child.once('error', (error) => keep(`${error.message}\n`)).once('error', () => resolve())
    child.once('exit', () => resolve())
  }).then(() => {
    running = false
    rmSync(folder.pidFile, { force: true })
  })
  // Its last words may come after its end.
  const closed = new Promise((resolve) => child.once('close', resolve))
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', keep)
    ;(stream as Socket).unref()
  }
  child.unref()

  const server: ServerProcess = {
    get pid() {
      return child.pid!
    },
    get running() {
      return running
    },
    get exitCode() {
      return child.exitCode ?? undefined
    },
    log: () => log,
    signal(name) {
      if (running) process.kill(-child.pid!, name)
    },
    async stop(name = 'SIGTERM') {
      if (running) {
        child.ref()
        server.signal(name)
        server.signal('SIGCONT')
        const impatience = setTimeout(() => server.signal('SIGKILL'), 5_000)
        await exited
        clearTimeout(impatience)
      }
      // Nothing else may keep this process alive until then.
      for (const stream of [child.stdout, child.stderr]) (stream as Socket).ref()
      if (child.pid !== undefined) await closed
    },
  }

  if (child.pid === undefined) await once(child, 'error').catch(() => {})
  else writeFileSync(folder.pidFile, String(child.pid))
  const deadline = performance.now() + timeout
  let reason: unknown
  while (running && performance.now() < deadline) {
    try {
      await Promise.race([ready(log), exited.then(() => Promise.reject(new Error('it ended')))])
      return server
    } catch (error) {
      reason = error
    }
    await sleep(10)
  }
  const outcome = running ? `did not answer within ${timeout} ms (${String(reason)})` : 'ended at once'
  await server.stop('SIGKILL')
  throw new Error(`testbed: ${command} ${outcome}. It last wrote:\n${log.trim().split('\n').slice(-12).join('\n') || '(nothing)'}`)
}
