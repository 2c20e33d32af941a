import { execFile } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { cores, pinned } from './pinned.ts'
import type { ServerProcess } from './server-process.ts'

export const connections = 64
export const sessionCount = 200

/** What the load generator counted. */
export interface Load {
  readonly requests: number
  readonly microseconds: number
}

const generator = fileURLToPath(new URL('load-generator.mjs', import.meta.url))

/** Makes the sessions of one server, by as many requests; the Cookie header of each. */
export async function makeSessions({ origin }: ServerProcess): Promise<string[]> {
  return Promise.all(
    Array.from({ length: sessionCount }, async () => {
      const answer = await fetch(`${origin}/fill`)
      await answer.body?.cancel()
      const cookies = answer.headers.getSetCookie().map((line) => line.split(';', 1)[0])
      if (answer.status !== 200 || cookies.length === 0) throw new Error(`${origin}/fill answered ${answer.status} and no cookie.`)
      return cookies.join('; ')
    }),
  )
}

/**
 * Asks for one path over 64 connections.
 *
 * @throws Error if a single request failed: what is measured then is something else
 */
export async function load(server: ServerProcess, cookies: readonly string[], path: string, seconds: number): Promise<Load> {
  const { candidate, origin } = server
  const file = join(tmpdir(), `holdfast-bench-${process.pid}.txt`)
  writeFileSync(file, cookies.join('\n'))
  try {
    const args = [generator, new URL(origin).port, path, String(connections), String(seconds), file]
    const [command, all] = pinned(cores.rest, process.execPath, args)
    const { stdout } = await promisify(execFile)(command, all, { timeout: (seconds + 20) * 1_000 })
    const { failed, ...counted } = JSON.parse(stdout) as Load & { failed: number }
    if (failed > 0)
      throw new Error(`${failed} of ${counted.requests} requests failed (${candidate.framework}, ${candidate.name}, ${path}).`)
    return counted
  } finally {
    rmSync(file)
  }
}
