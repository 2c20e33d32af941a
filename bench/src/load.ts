import { execFile } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { program } from '@holdfast/testbed'
import { cores, pinned } from './pinned.ts'
import type { ServerProcess } from './server-process.ts'

export const connections = 64
export const sessionCount = 200

/** What the load generator counted. */
export interface Load {
  readonly requests: number
  readonly microseconds: number
}

const script = fileURLToPath(new URL('load.lua', import.meta.url))

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
 * Asks for one path over 64 connections, by wrk.
 *
 * @throws Error if a single request failed: what is measured then is something else
 */
export async function load(server: ServerProcess, cookies: readonly string[], path: string, seconds: number): Promise<Load> {
  const file = join(tmpdir(), `holdfast-bench-${process.pid}.txt`)
  writeFileSync(file, cookies.join('\n'))
  try {
    const args = [
      '--threads',
      '1',
      '--connections',
      String(connections),
      '--duration',
      `${seconds}s`,
      '--script',
      script,
      server.origin,
      '--',
      path,
    ]
    const [command, all] = pinned(cores.rest, program('wrk'), args)
    const { stdout } = await promisify(execFile)(command, all, { env: { ...process.env, COOKIES: file }, timeout: (seconds + 20) * 1_000 })
    const counted = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Load & { failed: number }
    const { framework, name } = server.candidate
    if (counted.failed > 0) throw new Error(`${counted.failed} of ${counted.requests} requests failed (${framework}, ${name}, ${path}).`)
    return counted
  } finally {
    rmSync(file)
  }
}
