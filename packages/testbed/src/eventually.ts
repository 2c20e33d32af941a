import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Calls `look` until it resolves, and resolves with what it resolved to.
 *
 * @throws Error with what `look` last rejected with as its cause, after 30 seconds.
 * @internal
 */
export async function eventually<T>(what: string, look: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + 30_000
  for (;;) {
    try {
      return await look()
    } catch (error) {
      if (performance.now() > deadline) throw new Error(`testbed: ${what} took over 30 s`, { cause: error })
    }
    await sleep(20)
  }
}
