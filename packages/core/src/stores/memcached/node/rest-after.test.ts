import { expect, test } from 'vitest'
import { restAfter } from './rest-after.ts'

test.each([
  ['a connection that was good', 0, false, [0, 9]],
  ['one failure', 1, false, [10, 29]],
  ['many failures', 1_000, false, [100, 299]],
  ['a refusal', 1, true, [1_000, 2_999]],
] as const)('F48: after %s, clients rest for so long, and spread over all of it', (_, failures, wasRefused, [least, most]) => {
  const rests = Array.from({ length: 2_000 }, () => restAfter(failures, wasRefused))
  expect(Math.min(...rests)).toBeGreaterThanOrEqual(least)
  expect(Math.max(...rests)).toBeLessThanOrEqual(most)
  const tenths = rests.map((rest) => Math.floor((10 * (rest - least)) / (most - least + 1)))
  expect(new Set(tenths).size).toBe(10)
})
