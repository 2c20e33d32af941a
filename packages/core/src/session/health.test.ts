import { expect, test } from 'vitest'
import { fakeClock } from '../testing/fake-clock.ts'
import { healthRecord } from './health.ts'

test('degraded after a failure, down after three in a row, up after one answer; since tells when that began', () => {
  const clock = fakeClock(1000)
  const health = healthRecord(clock)
  expect(health.read()).toEqual({ status: 'up', since: 1000 })
  const after = (event: 'answered' | 'failed') => {
    clock.advance(1)
    health[event]()
    return health.read()
  }
  expect(after('answered')).toEqual({ status: 'up', since: 1000 })
  expect(after('failed')).toEqual({ status: 'degraded', since: 1002 })
  expect(after('failed')).toEqual({ status: 'degraded', since: 1002 })
  expect(after('failed')).toEqual({ status: 'down', since: 1004 })
  expect(after('failed')).toEqual({ status: 'down', since: 1004 })
  expect(after('answered')).toEqual({ status: 'up', since: 1006 })
  expect(after('failed')).toEqual({ status: 'degraded', since: 1007 })
})
