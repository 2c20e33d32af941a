import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Candidate } from './candidates.ts'
import { cores, pinned } from './pinned.ts'

/** Microseconds. */
export interface CpuTime {
  readonly all: number
  /** What of it was the kernel's: reading and writing sockets, waking other processes. */
  readonly kernel: number
}

/** A candidate's server, in a process of its own. */
export interface ServerProcess {
  readonly candidate: Candidate
  readonly origin: string
  /** Bytes of a session's contents, as JSON. */
  readonly bytes: number
  /** Microseconds of processor time that the operating system has counted for the process, with all its threads (getrusage). */
  cpu(): Promise<CpuTime>
  /** Ends it in good order. */
  stop(): Promise<void>
}

const startedWithin = 20_000
const serveFile = fileURLToPath(new URL('servers/serve.mjs', import.meta.url))

export async function startServer(candidate: Candidate, redisUrl: string, nodeArgs: readonly string[] = []): Promise<ServerProcess> {
  // The sample adapter for Fastify is TypeScript.
  const loader = candidate.framework === 'fastify' && candidate.variant !== 'peer' ? ['--import', 'tsx'] : []
  const [execPath, execArgv] = pinned(cores.server, process.execPath, [...nodeArgs, ...loader])
  const child = fork(serveFile, [candidate.file, candidate.variant, redisUrl], {
    execPath,
    execArgv,
    env: { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ready = once(child, 'message', { signal: AbortSignal.timeout(startedWithin) })
  const ended = once(child, 'exit')
  const first = await Promise.race([ready, ended.then(() => undefined)])
  if (first === undefined) throw new Error(`The server of ${candidate.framework}, ${candidate.name}, ended before it listened.`)
  const [{ port, bytes }] = first as [{ port: number; bytes: number }]
  return {
    candidate,
    origin: `http://127.0.0.1:${port}`,
    bytes,
    async cpu() {
      const answer = once(child, 'message', { signal: AbortSignal.timeout(startedWithin) })
      child.send('cpu')
      const [{ user, system }] = (await answer) as [NodeJS.CpuUsage]
      return { all: user + system, kernel: system }
    },
    async stop() {
      if (child.connected) child.send('stop')
      await ended
    },
  }
}
