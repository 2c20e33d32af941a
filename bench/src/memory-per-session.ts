import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const probe = fileURLToPath(new URL('memory-probe.mjs', import.meta.url))

/** At most so many bytes for a session of 0.7 kB. */
export const memoryGoal = 1_500

/** Bytes of memory that one session takes in this library's memory store, keys and all. */
export async function memoryPerSession(library: 'holdfast' | 'express-session'): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', probe, library], { timeout: 120_000 })
  return Number(stdout)
}
