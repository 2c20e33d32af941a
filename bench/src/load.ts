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
  /** Those of them that were answered by anything but 200, or not at all. */
  readonly failed: number
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

/** Asks for one path over 64 connections. */
export async function load(server: ServerProcess, cookies: readonly string[], path: string, seconds: number): Promise<Load> {
  const file = join(tmpdir(), `holdfast-bench-${process.pid}.txt`)
  writeFileSync(file, cookies.join('\n'))
  try {
    const args = [generator, new URL(server.origin).port, path, String(connections), String(seconds), file]
    const [command, all] = pinned(cores.rest, process.execPath, args)
    const { stdout } = await promisify(execFile)(command, all, { timeout: (seconds + 20) * 1_000 })
    return JSON.parse(stdout) as Load
  } finally {
    rmSync(file)
  }
}
