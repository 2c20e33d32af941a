import { expect, test } from 'vitest'
import { floors } from './floors.ts'

const [first, lost, made, end] = ['0000000001.aaaaaaaa', '0000000002.zzzzzzzz', '0000000002.aaaaaaaa', 'e0000000002.aaaaaaaa.0'] as const

test('news that come late lower no floor', () => {
  const heard = floors(10, 1_000)
  heard.raise('key', made, 1)
  heard.raise('key', first, 2)
  expect(heard.above('key', first)).toMatchObject({ version: made, learntAs: 2 })
  expect(heard.above('key', undefined)).toMatchObject({ version: made })
  expect(heard.above('key', made)).toBeUndefined()
  expect(heard.above('key', end)).toMatchObject({ version: made })
})

test('of two histories the one that was heard of later counts, and nothing of the other is above it', () => {
  const heard = floors(10, 1_000)
  heard.raise('key', lost, 1)
  heard.raise('key', made, 2)
  expect(heard.above('key', lost)).toMatchObject({ version: made })
  expect(heard.above('key', made)).toBeUndefined()
})

test('an end is held on to, whatever is heard later', () => {
  const heard = floors(10, 1_000)
  heard.raise('key', end, 1)
  heard.raise('key', made, 2)
  expect(heard.above('key', made)).toMatchObject({ version: end })
})
