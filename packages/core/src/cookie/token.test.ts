import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { idOf, randomToken } from './token.ts'

test('S1: a token is 256 bits, base64url; a million of them without a repeat', () => {
  expect(randomToken()).toMatch(/^[A-Za-z0-9_-]{43}$/)
  expect(Buffer.from(randomToken(), 'base64url')).toHaveLength(32)
  // Were a token repeated, so would be its first 64 bits.
  const heads = new BigUint64Array(1_000_000)
  const bytes = Buffer.from(heads.buffer)
  for (let i = 0; i < heads.length; i++) bytes.write(randomToken(), i * 8, 8, 'base64url')
  expect(heads.toSorted().findIndex((head, i, sorted) => head === sorted[i + 1])).toBe(-1)
})

test('S1: every bit of a token is as often 0 as 1', () => {
  const samples = 20_000
  const ones = Array.from({ length: 256 }, () => 0)
  for (let i = 0; i < samples; i++) {
    const bytes = Buffer.from(randomToken(), 'base64url')
    for (let bit = 0; bit < 256; bit++) ones[bit]! += ((bytes[bit >> 3] as number) >> (bit & 7)) & 1
  }
  // Ten standard deviations: chance alone never gets there.
  for (const count of ones) expect(Math.abs(count - samples / 2)).toBeLessThan(10 * Math.sqrt(samples / 4))
})

test('S1: no Math.random and no UUID anywhere in the source', () => {
  const source = new URL('..', import.meta.url)
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => /(?<!\.test)\.ts$/.test(file))
  expect(files.length).toBeGreaterThan(30)
  const weak = files.filter((file) => /Math\s*\.\s*random|randomUUID|uuid/i.test(readFileSync(new URL(file, source), 'utf8')))
  expect(weak).toEqual([])
})

test('S3: the id is base64url(SHA-256(token))', () => {
  const token = randomToken()
  expect(idOf(token)).toBe(createHash('sha256').update(token).digest('base64url'))
  expect(idOf(token)).toMatch(/^[A-Za-z0-9_-]{43}$/)
})
