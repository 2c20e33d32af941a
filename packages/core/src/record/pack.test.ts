import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isSessionError } from '../errors.ts'
import { packDeadline, packed, packRecord, unpackRecord } from './pack.ts'
import type { StoredRecord } from './store.ts'
import { endedVersion, nextVersion } from './version.ts'

const record: StoredRecord = {
  version: nextVersion(null),
  expiresAt: 1_763_836_800_000,
  value: new TextEncoder().encode('the value\nof it'),
}
const recordError = expect.objectContaining({ code: 'ERR_RECORD' })
const plain = ({ version, expiresAt, value }: StoredRecord) => ({ version, expiresAt, value: [...value] })

describe('a packed record', () => {
  test('gives back what was packed', () => {
    const records = fc.record({
      version: fc.oneof(
        fc.constantFrom(nextVersion(null), endedVersion(null, { endedAt: Date.now(), successor: { id: 's'.repeat(43), signIn: true } })),
        fc.stringMatching(/^[\w.-]{1,100}$/),
      ),
      expiresAt: fc.nat({ max: 10 ** 15 - 1 }),
      value: fc.uint8Array({ maxLength: 60 }),
    })
    fc.assert(
      fc.property(records, (each) => {
        expect(plain(unpackRecord(packRecord(each)))).toEqual(plain(each))
      }),
    )
  })

  test('reads a part of a larger buffer', () => {
    const bytes = Buffer.concat([Buffer.from('xx'), packRecord(record), Buffer.from('')]).subarray(2)
    expect(plain(unpackRecord(bytes))).toEqual(plain(record))
  })

  test('has its deadline at a fixed place, which a script on a server may rewrite', () => {
    const bytes = Buffer.from(packRecord(record))
    bytes.write(packDeadline(record.expiresAt + 5000), packed.deadlineOffset, 'latin1')
    expect(unpackRecord(bytes)).toMatchObject({ version: record.version, expiresAt: record.expiresAt + 5000 })
  })

  test('S29: no bit of it can be flipped unseen, but of the deadline', () => {
    const good = packRecord(record)
    const deadline = { from: packed.deadlineOffset * 8, to: (packed.deadlineOffset + packed.deadlineDigits) * 8 }
    const bits = Array.from({ length: good.length * 8 }, (_, i) => i).filter((bit) => bit < deadline.from || bit >= deadline.to)
    for (const bit of bits) {
      const flipped = Uint8Array.from(good)
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      expect(() => unpackRecord(flipped)).toThrow(recordError)
    }
  })

  test('S29: nothing can be cut off or added; another format is an error', () => {
    const good = packRecord(record)
    for (let length = 0; length < good.length; length++) expect(() => unpackRecord(good.subarray(0, length))).toThrow(recordError)
    expect(() => unpackRecord(Buffer.concat([good, good]))).toThrow(recordError)
    expect(() => unpackRecord(Buffer.concat([Buffer.from('2'), good.subarray(1)]))).toThrow(recordError)
  })

  test('S26: no bytes make it throw anything but ERR_RECORD', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 80 }),
          fc.string({ maxLength: 80 }).map((text) => Buffer.from(`1 ${text}`)),
        ),
        (bytes) => {
          try {
            unpackRecord(bytes)
            return false
          } catch (error) {
            return isSessionError(error) && error.code === 'ERR_RECORD'
          }
        },
      ),
      { numRuns: 2_000 },
    )
  })

  test('what would not come back is refused when it is packed', () => {
    for (const expiresAt of [Number.NaN, Infinity, -1, 10 ** 15]) expect(() => packRecord({ ...record, expiresAt })).toThrow(recordError)
    for (const version of ['', 'a b', 'a\n', '\u00e9', 'v'.repeat(101)])
      expect(() => packRecord({ ...record, version })).toThrow(recordError)
  })

  test('a deadline is fifteen digits of whole milliseconds', () => {
    expect([0, 1.9, 1_763_836_800_000].map(packDeadline)).toEqual(['000000000000000', '000000000000001', '001763836800000'])
  })
})
