import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { type LazySignal, withDeadline } from './deadline.ts'

const settling = {
  answered: <T>(value: T): T => value,
  failed: (error: unknown): unknown => error,
  expired: (): Error => new Error('expired'),
}
const never = async (): Promise<never> => new Promise(() => {})

/** Keeps the event loop from turning for so long, and until the cell is not 0. */
function stall(milliseconds: number, cell: Int32Array = new Int32Array(new SharedArrayBuffer(4)).fill(1)): void {
  const until = performance.now() + milliseconds
  while (performance.now() < until || Atomics.load(cell, 0) === 0);
}

describe('a deadline', () => {
  test('lets answers and errors through', async () => {
    expect(await withDeadline(50, async () => 'answer', settling)).toBe('answer')
    await expect(withDeadline(50, async () => Promise.reject(new Error('refused')), settling)).rejects.toThrow('refused')
  })

  test('expires what never settles, and aborts its signal with the same error', async () => {
    let signal: AbortSignal | undefined
    const waiting = withDeadline(30, async (lazy) => ((signal = lazy.signal), never()), settling)
    await expect(waiting).rejects.toThrow('expired')
    expect(signal?.reason).toEqual(settling.expired())
  })

  test('lets whoever has read the signal say why, and whether anything was done, in the turn in which it aborts', async () => {
    const reason = async (lazy: LazySignal): Promise<never> => {
      await once(lazy.signal, 'abort')
      await Promise.resolve()
      throw new Error('not connected')
    }
    await expect(withDeadline(30, reason, settling)).rejects.toThrow('not connected')
    const tooLate = async (lazy: LazySignal): Promise<never> => {
      await once(lazy.signal, 'abort')
      await new Promise((resolve) => setTimeout(resolve, 20))
      throw new Error('not connected')
    }
    await expect(withDeadline(30, tooLate, settling)).rejects.toThrow('expired')
  })

  test('gives a signal that has aborted to whoever asks for it afterwards', async () => {
    let late: LazySignal | undefined
    await expect(withDeadline(1, async (lazy) => ((late = lazy), never()), settling)).rejects.toThrow('expired')
    expect(late?.signal.reason).toEqual(settling.expired())
  })

  test('never earlier than it says', async () => {
    for (const milliseconds of [1, 25, 60]) {
      const startedAt = performance.now()
      await expect(withDeadline(milliseconds, never, settling)).rejects.toThrow('expired')
      expect(performance.now() - startedAt).toBeGreaterThanOrEqual(milliseconds - 1)
    }
  })

  test('a signal asked for after the end is an aborted one or never aborts; an answer aborts nothing', async () => {
    let late: LazySignal | undefined
    await withDeadline(30, async (lazy) => void (late = lazy), settling)
    expect(late?.signal.aborted).toBe(false)
    expect(late?.signal).toBe(late?.signal)
  })

  test('a stall of 300 ms expires nothing that was answered meanwhile', async () => {
    const answered = new Int32Array(new SharedArrayBuffer(4))
    const worker = new Worker(
      `const { parentPort, workerData } = require('node:worker_threads')
       parentPort.on('message', (question) => { parentPort.postMessage(question); Atomics.store(workerData, 0, 1) })
       parentPort.postMessage('ready')`,
      { eval: true, workerData: answered },
    )
    await once(worker, 'message')
    const waits = [25, 50, 100, 200].map(async (milliseconds) =>
      withDeadline(milliseconds, async () => once(worker, 'message').then(([answer]) => answer as unknown), settling),
    )
    worker.postMessage('question', [])
    // The answers lie there, unread, for longer than every deadline.
    stall(300, answered)
    expect(await Promise.all(waits)).toEqual(['question', 'question', 'question', 'question'])
    await worker.terminate()
  })

  test('stalls, however many, do not keep what is silent from expiring', async () => {
    const stalls = setInterval(() => stall(30), 1)
    await expect(withDeadline(50, never, settling)).rejects.toThrow('expired')
    clearInterval(stalls)
  })

  test('ten thousand waits at once, each with its own end', async () => {
    const waits = Array.from({ length: 10_000 }, async (_, i) => withDeadline(40, i % 2 === 0 ? never : async () => i, settling))
    const results = await Promise.allSettled(waits)
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(5000)
  })
})
