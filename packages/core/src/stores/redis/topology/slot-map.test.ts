import { expect, test } from 'vitest'
import type { ShardView } from './cluster-view.ts'
import { slotMap } from './slot-map.ts'

const at = (port: number) => ({ host: '127.0.0.1', port })
const shard = (primary: number, epoch: number, slots: [number, number], ...replicas: number[]): ShardView => ({
  primary: at(primary),
  replicas: replicas.map(at),
  epoch,
  slots: [slots],
})

test('the claim with the greatest epoch counts, whichever view it stands in', () => {
  const old = [shard(1, 1, [0, 100], 3), shard(2, 2, [101, 16_383])]
  const after = [shard(3, 7, [0, 100]), shard(2, 2, [101, 16_383])]
  for (const views of [
    [old, after],
    [after, old],
  ]) {
    const slots = slotMap(views)
    expect(slots[100]).toEqual({ primary: at(3), replicas: [], epoch: 7 })
    expect(slots[101]).toEqual({ primary: at(2), replicas: [], epoch: 2 })
  }
})

test('a replica counts that only one view names, and once that several name', () => {
  const [first, second, third] = [[shard(1, 1, [0, 9], 4)], [shard(1, 1, [0, 9])], [shard(1, 1, [0, 9], 5, 4)]]
  expect(slotMap([first!, second!, third!])[0]).toEqual({ primary: at(1), replicas: [at(4), at(5)], epoch: 1 })
})

test('a slot that nobody claims has no owner', () => {
  expect(slotMap([[shard(1, 1, [0, 9])]])[10]).toBeUndefined()
  expect(slotMap([])).toHaveLength(16_384)
})
