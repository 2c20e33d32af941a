import { expect, onTestFinished, test, vi, type Mock } from 'vitest'
import { onSessionEvent, type SessionEvents } from '../../../events.ts'
import { breaker, type Breaker } from './breaker.ts'

interface Started {
  readonly guard: Breaker
  readonly events: SessionEvents['breaker'][]
  /** Told that calls that wait may be sent. */
  readonly changed: Mock<() => void>
}

function started(failuresToOpen: number): Started {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
  const changed = vi.fn()
  const events: SessionEvents['breaker'][] = []
  const stop = onSessionEvent('breaker', (event) => void events.push(event))
  onTestFinished(() => {
    stop()
    vi.useRealTimers()
  })
  return { guard: breaker({ node: '10.0.0.1:6379', guards: 'changes', failuresToOpen, changed }), events, changed }
}

test('it opens after so many failures in a row, lets one call try after a rest, and closes when that succeeds', () => {
  const { guard, events } = started(3)
  guard.failed('OOM')
  guard.failed('OOM')
  guard.succeeded()
  guard.failed('OOM')
  guard.failed('OOM')
  expect([guard.state, guard.allows()]).toEqual(['closed', true])

  guard.failed('OOM')
  expect([guard.state, guard.reason, guard.allows()]).toEqual(['open', 'OOM', false])
  vi.advanceTimersByTime(99)
  expect(guard.allows()).toBe(false)
  vi.advanceTimersByTime(101)
  expect([guard.allows(), guard.allows(), guard.state]).toEqual([true, false, 'half-open'])

  guard.succeeded()
  expect([guard.state, guard.reason, guard.allows(), guard.allows()]).toEqual(['closed', undefined, true, true])
  const of = { node: '10.0.0.1:6379', guards: 'changes' }
  expect(events).toEqual([
    { ...of, state: 'open', reason: 'OOM' },
    { ...of, state: 'half-open', reason: 'OOM' },
    { ...of, state: 'closed', reason: undefined },
  ])
})

test('a trial that fails opens it again, at once', () => {
  const { guard } = started(5)
  for (let failure = 0; failure < 5; failure += 1) guard.failed('NOREPLICAS')
  vi.advanceTimersByTime(200)
  expect(guard.allows()).toBe(true)
  guard.failed('OOM')
  expect([guard.state, guard.reason, guard.allows()]).toEqual(['open', 'OOM', false])
})

test('a trial that is never answered is followed by another one', () => {
  const { guard } = started(1)
  guard.failed('LOADING')
  for (let trial = 0; trial < 3; trial += 1) {
    vi.advanceTimersByTime(200)
    expect([guard.allows(), guard.allows()]).toEqual([true, false])
  }
})

test('one success opens it no more slowly than before', () => {
  const { guard } = started(2)
  for (let round = 0; round < 2; round += 1) {
    guard.failed('BUSY')
    expect(guard.state).toBe('closed')
    guard.failed('BUSY')
    expect(guard.state).toBe('open')
    guard.succeeded()
  }
})

test('who waits is told when a call may try, and when it has closed', () => {
  const { guard, changed } = started(1)
  guard.failed('LOADING')
  expect(changed).toHaveBeenCalledTimes(0)
  vi.advanceTimersByTime(200)
  expect(changed).toHaveBeenCalledTimes(1)
  expect(guard.allows()).toBe(true)
  guard.succeeded()
  expect(changed).toHaveBeenCalledTimes(2)
  vi.advanceTimersByTime(1_000)
  expect([changed.mock.calls.length, vi.getTimerCount()]).toEqual([2, 0])
})

test('nobody is told before its rest is over, however often it fails meanwhile', () => {
  const { guard, changed } = started(1)
  for (let failure = 0; failure < 10; failure += 1) {
    guard.failed('BUSY')
    vi.advanceTimersByTime(50)
  }
  expect([changed.mock.calls.length, guard.allows()]).toEqual([0, false])
  vi.advanceTimersByTime(200)
  expect([changed.mock.calls.length, guard.allows()]).toEqual([1, true])
})
