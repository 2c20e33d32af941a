import { expect, test } from 'vitest'
import { sameKeys } from '../../testing/same-keys.ts'
import { rendezvous, type Weighted } from './rendezvous.ts'

const keys = sameKeys(60_000)
const node = (name: string, weight = 1): Weighted => ({ name, weight })
const fleet = (size: number): Weighted[] => Array.from({ length: size }, (_, index) => node(`10.0.0.${index + 1}:11211`))

function firstOf(nodes: readonly Weighted[], place = 0): string[] {
  const order = rendezvous(nodes)
  return keys.map((key) => order(key)[place]!.name)
}

function shares(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1 / names.length
  return counts
}

test.each([2, 3, 10])('%i nodes have equal shares, as first and as second', (size) => {
  for (const place of [0, 1]) {
    const all = Object.values(shares(firstOf(fleet(size), place)))
    expect(all).toHaveLength(size)
    for (const share of all) expect(share * size).toBeCloseTo(1, 1)
  }
})

test('the second is independent of the first: a dead node leaves its keys to all others equally', () => {
  const order = rendezvous(fleet(4))
  const heirs = keys.map((key) => order(key)).flatMap(([first, second]) => (first!.name === '10.0.0.1:11211' ? [second!.name] : []))
  for (const share of Object.values(shares(heirs))) expect(share * 3).toBeCloseTo(1, 1)
})

test('a node that comes moves its own share, and no key between the others; one that goes the same', () => {
  const before = firstOf(fleet(3))
  const after = firstOf(fleet(4))
  const moved = after.filter((name, index) => name !== before[index])
  expect(new Set(moved)).toEqual(new Set(['10.0.0.4:11211']))
  expect(moved.length / keys.length).toBeCloseTo(1 / 4, 2)
})

test('the order of the list says nothing', () => {
  expect(firstOf(fleet(5).toReversed())).toEqual(firstOf(fleet(5)))
})

test('a node of twice the weight has twice the share', () => {
  const { a, b, c } = shares(firstOf([node('a', 2), node('b'), node('c')]))
  expect([a, b, c].map((share) => share! * 4)).toEqual([expect.closeTo(2, 1), expect.closeTo(1, 1), expect.closeTo(1, 1)])
})

test('stays what it was: another release must find what this one stored', () => {
  const order = rendezvous(fleet(5))
  expect(order('k3Jd81ZaZb8-_1aak3Jd81ZaZb8-_1aak3Jd81ZaZb8').map(({ name }) => name)).toMatchInlineSnapshot(`
    [
      "10.0.0.5:11211",
      "10.0.0.4:11211",
      "10.0.0.3:11211",
      "10.0.0.2:11211",
      "10.0.0.1:11211",
    ]
  `)
})
