import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { hedgeQueue, type HedgeQueue, type Waiting } from './hedge-queue.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'performance'] }))
afterEach(() => void vi.useRealTimers())

function waiter(queue: HedgeQueue, late: () => void): Waiting {
  const waiting: Waiting = { since: 0, late }
  queue.add(waiting)
  return waiting
}

test('who has waited for longer than the delay is called, in the order of coming, once', () => {
  const queue = hedgeQueue(10)
  const called: string[] = []
  waiter(queue, () => called.push('first'))
  vi.advanceTimersByTime(4)
  waiter(queue, () => called.push('second'))
  vi.advanceTimersByTime(5)
  expect(called).toEqual([])
  vi.advanceTimersByTime(2)
  expect(called).toEqual(['first'])
  vi.advanceTimersByTime(1_000)
  expect(called).toEqual(['first', 'second'])
  expect(vi.getTimerCount()).toBe(0)
})

test('who is removed is not called, and one timer serves all', () => {
  const queue = hedgeQueue(10)
  const called: number[] = []
  const waiting = Array.from({ length: 100 }, (_, at) => waiter(queue, () => called.push(at)))
  expect(vi.getTimerCount()).toBe(1)
  for (const each of waiting.slice(0, 98)) queue.remove(each)
  vi.advanceTimersByTime(20)
  expect(called).toEqual([98, 99])
})

test('the call comes one further turn after its timer, in which an answer is read', () => {
  vi.useRealTimers()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  const queue = hedgeQueue(10)
  const late = vi.fn()
  waiter(queue, late)
  vi.advanceTimersByTime(20)
  expect(late).not.toHaveBeenCalled()
})

test('who comes again waits anew', () => {
  const queue = hedgeQueue(10)
  let calls = 0
  const waiting = waiter(queue, () => {
    calls += 1
    if (calls === 1) queue.add(waiting)
  })
  vi.advanceTimersByTime(12)
  expect(calls).toBe(1)
  vi.advanceTimersByTime(12)
  expect(calls).toBe(2)
})
