import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { ServerName } from '../servers/server-name.ts'
import type { FleetServer } from './fleet.ts'
import type { Order, Report } from './messages.ts'

/** A server in a process of its own, started again when it ends unasked. */
export interface SupervisedServer extends FleetServer {
  readonly pid: number | undefined
  loseStore(duration: number): Promise<void>
  close(): Promise<void>
}

const program = fileURLToPath(new URL('server-process.ts', import.meta.url))
const longestEnd = 8_000

/**
 * Starts the process, and resolves when its server listens.
 *
 * @throws Error when it ends before; the process itself says why
 */
export async function superviseServer(name: ServerName, env: NodeJS.ProcessEnv, onSilentStore: () => void): Promise<SupervisedServer> {
  let closing = false
  let origin: string | undefined
  let child: ChildProcess
  await start()

  async function start(): Promise<void> {
    // With the flags of this process, among them the one that loads TypeScript.
    child = fork(program, [name], { env })
    child.on('message', ({ kind }: Report) => {
      if (kind === 'store silent') onSilentStore()
    })
    origin = await listening(child)
    child.once('exit', startAgain)
  }

  function startAgain(code: number | null, signal: NodeJS.Signals | null): void {
    origin = undefined
    if (closing) return
    console.error(`${name} (process ${child.pid}) ended with ${signal ?? code}; the others answer while it starts again.`)
    start().then(
      () => console.error(`${name} is back (process ${child.pid}).`),
      () => closing || console.error(`${name} does not start any more; the others go on without it.`),
    )
  }

  return {
    name,
    get origin() {
      return origin
    },
    get pid() {
      return child.pid
    },
    async loseStore(duration) {
      if (origin === undefined) return
      const lost = reported(child, 'store lost')
      child.send({ loseStore: duration } satisfies Order, () => {})
      await lost
    },
    async close() {
      closing = true
      if (hasEnded(child)) return
      const ended = once(child, 'exit')
      if (child.connected) child.disconnect()
      const atLast = setTimeout(() => child.kill('SIGKILL'), longestEnd)
      await ended
      clearTimeout(atLast)
    },
  }
}

async function listening(child: ChildProcess): Promise<string> {
  const report = await reported(child, 'listening')
  if (report === undefined) throw new Error('A server ended before it listened.')
  return report.origin
}

/** The next report of this kind; undefined when the process ends without. */
function reported<Kind extends Report['kind']>(child: ChildProcess, kind: Kind): Promise<Extract<Report, { kind: Kind }> | undefined> {
  return new Promise((resolve) => {
    const settle = (report?: Report): void => {
      if (report !== undefined && report.kind !== kind) return
      child.off('message', settle).off('exit', ended).off('error', ended)
      resolve(report as Extract<Report, { kind: Kind }> | undefined)
    }
    const ended = (): void => settle()
    child.on('message', settle).on('exit', ended).on('error', ended)
  })
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}
