import { expect, test } from 'vitest'
import { days, hours, minutes, seconds } from './duration.ts'

test('durations are milliseconds', () => {
  expect([seconds(1), minutes(1), hours(1), days(1)]).toEqual([1_000, 60_000, 3_600_000, 86_400_000])
  expect([seconds(0.5), minutes(0), days(400)]).toEqual([500, 0, 34_560_000_000])
})
