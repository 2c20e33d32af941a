import { expect, test } from 'vitest'
import { longestGap, percentile } from './percentile.ts'

test('a percentile is one of the values, by the nearest rank', () => {
  const hundred = Array.from({ length: 100 }, (_, at) => 100 - at)
  expect(percentile(hundred, 50)).toBe(50)
  expect(percentile(hundred, 99)).toBe(99)
  expect(percentile([7], 99)).toBe(7)
  expect(percentile([3, 1, 2], 50)).toBe(2)
  expect(percentile([], 50)).toBeUndefined()
})

test('the longest gap counts from the start and to the end', () => {
  expect(longestGap([10, 20, 50, 55], 0, 60)).toBe(30)
  expect(longestGap([20, 10], 0, 100)).toBe(80)
  expect(longestGap([90], 0, 100)).toBe(90)
  expect(longestGap([], 0, 100)).toBe(100)
  expect(longestGap([-5, 150], 0, 100)).toBe(100)
})
