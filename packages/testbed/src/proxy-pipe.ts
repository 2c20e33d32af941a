import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** What happens to the bytes that flow one way through a connection. All of it is asked anew for each chunk. */
export interface PipeRules {
  /** Milliseconds between a chunk's arrival and its going on. */
  delay(): number
  /** Settles when bytes may flow; undefined if they may. */
  gate(): Promise<void> | undefined
  /** Bytes a second, or Infinity. */
  rate(): number
  /** Called with each chunk when its turn comes: the parts to hand on, one by one. May destroy the sockets. */
  parts(chunk: Buffer): Iterable<Buffer>
  /** Called with the length of each part that was handed on. */
  passed(bytes: number): void
}

/** Held bytes beyond this stop the reading, as a full TCP window would. */
const heldAtMost = 1_048_576

/**
 * Hands what `source` sends on to `target`, in order. The end of `source` waits its turn behind what was sent before: a server that was
 * stalled still gets the request of a client that has gone since.
 */
export function pipe(source: Socket, target: Socket, rules: PipeRules): void {
  const queue: { chunk: Buffer; due: number }[] = []
  let held = 0
  let ended = false
  let working = false

  source.on('data', (chunk) => {
    queue.push({ chunk, due: performance.now() + rules.delay() })
    held += chunk.length
    if (held > heldAtMost) source.pause()
    void work()
  })
  source.once('close', () => {
    ended = true
    void work()
  })

  async function work(): Promise<void> {
    if (working) return
    working = true
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      await waitUntil(next.due)
      await opened(rules)
      if (!target.destroyed) for (const part of rules.parts(next.chunk)) await hand(part)
      queue.shift()
      held -= next.chunk.length
      source.resume()
    }
    working = false
    if (ended) target.destroySoon()
  }

  async function hand(part: Buffer): Promise<void> {
    const rate = rules.rate()
    // Twenty slices a second, so that a slow line trickles.
    const slice = Math.max(1, Math.min(part.length, Math.floor(rate / 20)))
    for (let at = 0; at < part.length; at += slice) {
      const bytes = part.subarray(at, at + slice)
      if (rate !== Infinity) await waitUntil(performance.now() + (bytes.length / rate) * 1_000)
      await opened(rules)
      const failed = await new Promise((resolve) => target.write(bytes, resolve))
      if (failed) return
      rules.passed(bytes.length)
    }
  }
}

/** A stall can follow the end of another at once. */
async function opened({ gate }: PipeRules): Promise<void> {
  for (let shut = gate(); shut !== undefined; shut = gate()) await shut
}

/** Never early: a timer can fire up to a millisecond before its time. */
async function waitUntil(due: number): Promise<void> {
  for (let left = due - performance.now(); left > 0; left = due - performance.now()) await sleep(left, undefined, { ref: false })
}
