import { expect, test } from 'vitest'
import { bytesAsText, countAsText, shareAsText } from './plan-text.ts'

test('numbers are as short as they can be without saying something else', () => {
  expect([0, 0.004_56, 0.1, 1 / 3, 2 / 3, 0.994, 0.999, 1].map(shareAsText)).toEqual([
    '0 %',
    '0.46 %',
    '10 %',
    '33 %',
    '67 %',
    '99 %',
    '99.9 %',
    '100 %',
  ])
  expect([0, 12.2, 1_234_567].map(countAsText)).toEqual(['0', '12', '1,234,567'])
  expect([944, 10_000, 10_416, 1_500_000, 4 * 1024 ** 3, 5 * 1024 ** 5].map(bytesAsText)).toEqual([
    '944 bytes',
    '10,000 bytes',
    '10.2 KiB',
    '1.4 MiB',
    '4 GiB',
    '5120 TiB',
  ])
})
