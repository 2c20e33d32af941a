import { expect, test } from 'vitest'
import { feed, type Feed } from './feed.ts'
import type { Replication } from './replication.ts'

const linked: Replication = {
  role: 'replica',
  isLinked: true,
  heardAt: 0,
  offset: 100,
  replicaAges: [],
  history: 'one',
  formerHistory: undefined,
  askedAt: 0,
}

function after(...said: readonly (Partial<Replication> | 'lost')[]): boolean {
  const replica: Feed = feed()
  for (const one of said) {
    if (one === 'lost') replica.lost()
    else replica.heard({ ...linked, ...one })
  }
  return replica.flows
}

test('one that was linked when it was first seen is believed', () => {
  expect(after({})).toBe(true)
  expect(after({}, {})).toBe(true)
})

test('one that was seen without its link is, once it has got something since it is linked', () => {
  const unlinked = { isLinked: false }
  expect(after(unlinked)).toBe(false)
  expect(after(unlinked, {})).toBe(false)
  expect(after(unlinked, {}, {})).toBe(false)
  expect(after(unlinked, {}, { offset: 101 })).toBe(true)
  expect(after({}, unlinked, { offset: 300 }, { offset: 300 })).toBe(false)
  expect(after({}, unlinked, { offset: 300 }, { offset: 301 })).toBe(true)
})

test.each([
  ['has got the history of another primary', { history: 'two' }],
  ['could not be asked for a while', 'lost'],
  ['was a primary', { role: 'primary', isLinked: false }],
] as const)('so is one that %s', (_, between) => {
  expect(after({}, between)).toBe(false)
  const now = { history: 'two' }
  expect(after({}, between, now)).toBe(false)
  expect(after({}, between, now, { ...now, offset: 101 })).toBe(true)
})

test('one that has nothing at all yet, and is linked', () => {
  expect(after({ offset: 0 })).toBe(true)
  expect(after('lost', { isLinked: false }, { offset: 0 }, { offset: 0 })).toBe(false)
})
