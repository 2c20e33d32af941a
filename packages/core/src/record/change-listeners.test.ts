import { expect, onTestFinished, test, vi } from 'vitest'
import { changeListeners } from './change-listeners.ts'

const change = { key: 'key', version: '0000000001.a' }

function made() {
  const calls = { first: vi.fn(), last: vi.fn() }
  return { ...calls, listeners: changeListeners(calls) }
}

test('all who listen are told, until they stop; the first and the last of them are noticed', () => {
  const { first, last, listeners } = made()
  const [one, other] = [vi.fn(), vi.fn()]
  const stopOne = listeners.add(one)
  const stopOther = listeners.add(other)
  listeners.tell(change)
  stopOne()
  stopOne()
  listeners.tell('lost')
  expect([one.mock.calls, other.mock.calls]).toEqual([[[change]], [[change], ['lost']]])
  expect([first.mock.calls.length, last.mock.calls.length, listeners.count]).toEqual([1, 0, 1])
  stopOther()
  expect([first.mock.calls.length, last.mock.calls.length, listeners.count]).toEqual([1, 1, 0])
})

test('one that is added twice hears twice, and stops once for each', () => {
  const { listeners } = made()
  const listener = vi.fn()
  const stop = listeners.add(listener)
  listeners.add(listener)
  listeners.tell(change)
  stop()
  listeners.tell(change)
  expect(listener).toHaveBeenCalledTimes(3)
})

test('one that throws is an uncaught exception, and keeps no other from hearing', async () => {
  const { listeners } = made()
  const thrown: unknown[] = []
  const before = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException').on('uncaughtException', (error) => thrown.push(error))
  onTestFinished(() => {
    process.removeAllListeners('uncaughtException')
    for (const listener of before) process.on('uncaughtException', listener)
  })
  const [error, other] = [new Error('thrown by a listener'), vi.fn()]
  listeners.add(() => {
    throw error
  })
  listeners.add(other)
  listeners.tell(change)
  expect(other).toHaveBeenCalledWith(change)
  await vi.waitFor(() => expect(thrown).toEqual([error]))
})

test('closed, it tells nobody anything, and takes nobody', () => {
  const { first, last, listeners } = made()
  const listener = vi.fn()
  const stop = listeners.add(listener)
  listeners.close()
  listeners.add(listener)()
  listeners.tell(change)
  stop()
  listeners.close()
  expect(listener).not.toHaveBeenCalled()
  expect([first.mock.calls.length, last.mock.calls.length]).toEqual([1, 1])
})
