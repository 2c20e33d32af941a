import { AsyncLocalStorage } from 'node:async_hooks'
import { expect, test, vi } from 'vitest'
import { endOfTurn } from './end-of-turn.ts'

test('all who ask for it in one turn go on in a row, before anything of the next one', async () => {
  const log: string[] = []
  const asks = async (name: string): Promise<void> => {
    await endOfTurn()
    log.push(name)
  }
  const all = [asks('one'), asks('other')]
  expect(endOfTurn()).toBe(endOfTurn())
  setImmediate(() => log.push('next turn'))
  await Promise.resolve()
  expect(log).toEqual([])
  await Promise.all(all)
  await new Promise((resolve) => setImmediate(resolve))
  expect(log).toEqual(['one', 'other', 'next turn'])
})

test('each goes on in its own async context, whoever asked first', async () => {
  const storage = new AsyncLocalStorage<string>()
  const asks = async (): Promise<string | undefined> => {
    await endOfTurn()
    return storage.getStore()
  }
  expect(await Promise.all(['one', 'other'].map(async (name) => storage.run(name, asks)))).toEqual(['one', 'other'])
})

test('comes while a test has timers stand still', async () => {
  vi.useFakeTimers()
  await endOfTurn()
  vi.useRealTimers()
  await endOfTurn()
})
