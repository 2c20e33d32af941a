import { Buffer } from 'node:buffer'
import { randomFillSync } from 'node:crypto'

// One call of the system's generator costs as much for 4 KiB as for the 32 bytes of a token: 5 microseconds on a slow core.
const pool = Buffer.alloc(4096)
let used = pool.byteLength

/** So many bytes (at most 4096) of the system's generator, base64url. Nothing of them stays in memory. */
export function randomText(bytes: number): string {
  if (used + bytes > pool.byteLength) {
    randomFillSync(pool)
    used = 0
  }
  const text = pool.toString('base64url', used, used + bytes)
  pool.fill(0, used, (used += bytes))
  return text
}
