import { expect, test } from 'vitest'
import { rendezvous } from '../resilience/ring/rendezvous.ts'
import { sameKeys } from '../testing/same-keys.ts'
import { lossShare, movedShare } from './loss-share.ts'

const keys = sameKeys(60_000)
const sizes = [3, 4, 5, 6, 7, 8, 9, 10]

/** The owners of each key on so many nodes, the first first, as numbers. */
const ownersOn = (size: number): number[][] => {
  const order = rendezvous(Array.from({ length: size }, (_, index) => ({ name: `10.0.0.${index + 1}:11211`, weight: 1, index })))
  return keys.map((key) => order(key).map(({ index }) => index))
}
const owners = new Map([...sizes, 11].map((size) => [size, ownersOn(size)]))

const bits = (nodes: readonly number[]): number => nodes.reduce((mask, node) => mask | (1 << node), 0)

/** Every choice of so many out of `size` nodes, as bits. */
function choices(size: number, count: number): number[] {
  const all = Array.from({ length: 2 ** size }, (_, mask) => mask)
  return all.filter((mask) => mask.toString(2).replaceAll('0', '').length === count)
}

/** Five standard deviations of a share of these keys. */
const bound = (share: number): number => 5 * Math.sqrt((share * (1 - share)) / keys.length)

const cases = sizes.flatMap((size) => [1, 2, 3].map((copies) => [size, copies] as const))

test.each(cases)('on %i nodes, copies: %i, any 1, 2 or 3 that die take the share with them that is told', (size, copies) => {
  const counts = new Map<number, number>()
  for (const order of owners.get(size)!) {
    const mask = bits(order.slice(0, copies))
    counts.set(mask, (counts.get(mask) ?? 0) + 1)
  }
  for (const dead of [1, 2, 3]) {
    const told = lossShare(size, copies, dead)
    for (const theDead of choices(size, dead)) {
      const lost = [...counts].reduce((sum, [mask, count]) => ((mask & theDead) === mask ? sum + count : sum), 0)
      expect(Math.abs(lost / keys.length - told)).toBeLessThanOrEqual(bound(told))
    }
  }
})

test.each(cases)('from %i nodes, copies: %i, one more takes the share that is told, and nothing moves elsewhere', (size, copies) => {
  const after = owners.get(size + 1)!
  const newOwners = new Set<number>()
  let moved = 0
  owners.get(size)!.forEach((order, index) => {
    const [was, is] = [order.slice(0, copies), after[index]!.slice(0, copies)]
    if (bits(was) === bits(is)) return
    moved += 1
    for (const node of is) if (!was.includes(node)) newOwners.add(node)
  })
  expect([...newOwners]).toEqual([size])
  const told = movedShare(size, copies)
  expect(Math.abs(moved / keys.length - told)).toBeLessThanOrEqual(bound(told))
})

test('fewer dead nodes than copies lose nothing, all nodes lose everything, and more than there are no more', () => {
  expect([lossShare(3, 2, 1), lossShare(5, 3, 2)]).toEqual([0, 0])
  expect([lossShare(1, 1, 1), lossShare(3, 2, 3), lossShare(2, 2, 3)]).toEqual([1, 1, 1])
  expect([lossShare(3, 1, 1), lossShare(5, 2, 2), lossShare(5, 2, 3)]).toEqual([1 / 3, 0.1, expect.closeTo(0.3)])
  expect([movedShare(3, 1), movedShare(3, 2), movedShare(1, 1)]).toEqual([0.25, 0.5, 0.5])
})
