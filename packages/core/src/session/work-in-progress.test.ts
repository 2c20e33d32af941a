import { describe, expect, test } from 'vitest'
import { workInProgress, type WorkInProgress } from './work-in-progress.ts'

function gate(): { readonly opened: Promise<void>; open(): void } {
  let open!: () => void
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}
async function track<T>(work: WorkInProgress, start: () => Promise<T>): Promise<T> {
  work.begin()
  try {
    return await start()
  } finally {
    work.end()
  }
}

const isSettled = async (promise: Promise<unknown>): Promise<boolean> =>
  Promise.race([promise.then(() => true), new Promise<boolean>((resolve) => setImmediate(resolve, false))])

describe('work in progress', () => {
  test('gives back answers and errors', async () => {
    const work = workInProgress()
    expect(await track(work, async () => 5)).toBe(5)
    await expect(track(work, async () => Promise.reject(new Error('refused')))).rejects.toThrow('refused')
    await work.finished(60_000)
  })

  test('finished waits for all of it, also what failed and what was started meanwhile', async () => {
    const work = workInProgress()
    const [one, other] = [gate(), gate()]
    const failing = track(work, async () => one.opened.then(() => Promise.reject(new Error('refused'))))
    const finished = work.finished(60_000)
    const later = track(work, async () => other.opened)
    one.open()
    await expect(failing).rejects.toThrow('refused')
    expect(await isSettled(finished)).toBe(false)
    other.open()
    await later
    await finished
  })

  test('but no longer than it is told', async () => {
    const work = workInProgress()
    void track(work, async () => gate().opened)
    await work.finished(5)
  })

  test('for ever is for ever, not a timer that overflows', async () => {
    const work = workInProgress()
    const one = gate()
    const running = track(work, async () => one.opened)
    const finished = work.finished(Infinity)
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(await isSettled(finished)).toBe(false)
    one.open()
    await running
    await finished
  })

  test('two that wait are both told', async () => {
    const work = workInProgress()
    const one = gate()
    const running = track(work, async () => one.opened)
    const both = [work.finished(60_000), work.finished(60_000)]
    one.open()
    await Promise.all([running, ...both])
  })

  test('nothing is started afterwards', async () => {
    const work = workInProgress()
    await work.finished(0)
    let started = false
    await expect(track(work, async () => void (started = true))).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' })
    expect(started).toBe(false)
  })
})
