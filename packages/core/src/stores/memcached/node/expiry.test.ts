import { expect, test } from 'vitest'
import { days } from '../../../duration.ts'
import { expirySeconds } from './expiry.ts'

const now = Date.parse('2027-03-01T12:00:00.400Z')

test.each([
  ['past', -5_000, 1],
  ['now', 0, 1],
  ['a millisecond', 1, 2],
  ['a second', 1_000, 2],
  ['30 days less a second', days(30) - 1_000, 30 * 86_400],
])('%s: seconds from now, rounded up to what memcached has for sure not dropped before', (_, left, seconds) => {
  expect(expirySeconds(now + left, now)).toBe(seconds)
})

test.each([days(30), days(31), days(365)])('%d ms: beyond 30 days a date, since memcached would take the number for one', (left) => {
  expect(expirySeconds(now + left, now)).toBe(Math.ceil((now + left) / 1_000) + 1)
})

test('past 2106 the last date that fits', () => {
  expect(expirySeconds(Date.parse('2200-01-01'), now)).toBe(2 ** 32 - 1)
})
