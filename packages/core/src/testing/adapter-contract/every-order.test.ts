import { expect, test } from 'vitest'
import { memoryStore } from '../../stores/memory/memory-store.ts'
import { faultyStore } from '../faulty-store.ts'
import { inEveryOrder } from './every-order.ts'

test('two requests of two store calls each: all six orders, each once', async () => {
  const store = faultyStore(memoryStore())
  const request = async (): Promise<void> => {
    await store.get('key')
    await store.touch('key', Date.now())
  }
  const seen: string[] = []
  const orders = await inEveryOrder(store, async (race) => {
    const { steps } = await race(request, request)
    seen.push(steps.filter((step) => !step.endsWith('answered')).join(', '))
  })
  expect(orders).toBe(6)
  expect(new Set(seen).size).toBe(6)
})

test('tells which request was answered when, and what came of each', async () => {
  const store = faultyStore(memoryStore())
  const ask = async (): Promise<string> => (await store.get('key'), 'asked')
  await inEveryOrder(store, async (race) => {
    const { answers, steps } = await race(ask, async () => 'asked nothing')
    expect(answers).toEqual(['asked', 'asked nothing'])
    expect(steps).toEqual(['second answered', 'first get', 'first answered'])
  })
})
