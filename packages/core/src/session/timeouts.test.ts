import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hours, minutes, seconds } from '../duration.ts'
import { timeouts } from './timeouts.ts'

const start = Date.UTC(2030, 0, 1)
const lax = timeouts(minutes(30), hours(12), false)
const strict = timeouts(minutes(30), hours(12), true)

describe('timeouts', () => {
  test('a record lives idle and a tenth; with strict exactly idle', () => {
    expect(lax.deadline(start, start)).toBe(start + minutes(33))
    expect(strict.deadline(start, start)).toBe(start + minutes(30))
  })

  test('but never past the absolute timeout', () => {
    expect(lax.absolute(start)).toBe(start + hours(12))
    expect(lax.deadline(start + hours(12) - 1, start)).toBe(start + hours(12))
    expect(lax.deadline(start + hours(13), start)).toBe(start + hours(12))
  })

  test('renewal is due once a tenth has passed; with strict every millisecond', () => {
    const expiresAt = lax.deadline(start, start)
    expect(lax.renewalDue(expiresAt, start, start)).toBe(false)
    expect(lax.renewalDue(expiresAt, start + minutes(3), start)).toBe(false)
    expect(lax.renewalDue(expiresAt, start + minutes(3) + 1, start)).toBe(true)
    expect(strict.renewalDue(start + minutes(30), start, start)).toBe(false)
    expect(strict.renewalDue(start + minutes(30), start + 1, start)).toBe(true)
  })

  test('nothing is left to renew at the absolute limit, nor with a clock that went back', () => {
    expect(lax.renewalDue(start + hours(12), start + hours(11.9), start)).toBe(false)
    expect(lax.renewalDue(lax.deadline(start, start), start - hours(1), start)).toBe(false)
  })

  test('no live record can have a later deadline than the latest', () => {
    expect(lax.latest(start)).toBe(start + minutes(33))
  })

  test('S7: whatever is renewed and when: never shorter than idle, never past absolute, whole milliseconds', () => {
    const durations = fc.double({ min: seconds(1), max: hours(1000), noNaN: true })
    fc.assert(
      fc.property(
        durations,
        durations,
        fc.array(fc.nat({ max: hours(100) }), { maxLength: 20 }),
        fc.boolean(),
        (idle, absolute, steps, isStrict) => {
          const { deadline, renewalDue, absolute: end, latest } = timeouts(Math.min(idle, absolute), absolute, isStrict)
          let [now, expiresAt] = [start, deadline(start, start)]
          for (const step of steps) {
            now += step
            if (now >= expiresAt) break
            if (renewalDue(expiresAt, now, start)) expiresAt = Math.max(expiresAt, deadline(now, start))
            expect(Number.isInteger(expiresAt)).toBe(true)
            expect(expiresAt).toBeLessThanOrEqual(Math.min(end(start), latest(now)))
            expect(expiresAt).toBeGreaterThanOrEqual(Math.floor(Math.min(now + Math.min(idle, absolute), end(start))) - 1)
          }
        },
      ),
    )
  })
})
