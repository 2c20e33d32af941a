import { expect, test } from 'vitest'
import { randomText } from './random.ts'

test('as many bytes as asked for, of any length, none twice', () => {
  const lengths = Array.from({ length: 4096 }, (_, i) => i + 1)
  expect(lengths.map((bytes) => Buffer.from(randomText(bytes), 'base64url').byteLength)).toEqual(lengths)
  // Three bytes are four characters: what was given out would show in what follows.
  const all = Array.from({ length: 3000 }, () => randomText(9))
  expect(new Set(all.map((text) => text.slice(0, 8))).size).toBe(all.length)
})

test('every byte is as frequent as any other, across the edges of the pool', () => {
  const counts = Array.from({ length: 256 }, () => 0)
  const samples = 256 * 2000
  for (let taken = 0; taken < samples; taken += 7) for (const byte of Buffer.from(randomText(7), 'base64url')) counts[byte]! += 1
  // Twelve standard deviations: chance alone never gets there.
  for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(12 * Math.sqrt(2000))
})
