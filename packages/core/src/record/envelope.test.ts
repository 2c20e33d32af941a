import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isSessionError } from '../errors.ts'
import { decodeEnvelope, encodeEnvelope, type Envelope, hasSubject } from './envelope.ts'

const data = new TextEncoder().encode('{"cart":[]}')
const envelope: Envelope = {
  createdAt: 1_763_836_800_000,
  subject: 'u1',
  persistentUntil: undefined,
  writes: ['k3Jd81Za', 'Zb8-_1aa'],
  data,
}
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const recordError = expect.objectContaining({ code: 'ERR_RECORD' })

function thrownBy(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}

describe('the envelope', () => {
  test('is a format, a head, a line feed, the data', () => {
    expect(Buffer.from(encodeEnvelope(envelope)).toString()).toBe('1s 1763836800000 - k3Jd81Za,Zb8-_1aa "u1"\n{"cart":[]}')
  })

  test('gives back what it was made of', () => {
    const envelopes = fc.record({
      createdAt: fc.nat({ max: 10 ** 14 }),
      subject: fc.option(fc.string({ unit: 'binary', minLength: 1 }), { nil: undefined }),
      persistentUntil: fc.option(fc.nat({ max: 10 ** 14 }), { nil: undefined }),
      writes: fc.array(fc.base64String({ minLength: 8, maxLength: 8 }), { minLength: 1, maxLength: 16 }),
      data: fc.uint8Array({ maxLength: 40 }),
    })
    fc.assert(
      fc.property(envelopes, (each) => {
        const value = encodeEnvelope(each)
        const read = decodeEnvelope(value)
        expect({ ...read, data: Uint8Array.from(read.data) }).toEqual(each)
        expect(hasSubject(value)).toBe(each.subject !== undefined)
      }),
    )
  })

  test('S29: another format is an error, not a session', () => {
    for (const text of ['', '1', '1s', '2s 1 - x\n{}', '0s 1 - x\n', '{"cart":[]}\n', '\n', '1s 1 - x'])
      expect(() => decodeEnvelope(bytesOf(text))).toThrow(recordError)
  })

  test('S26: a head that is something else is an error, not a session that never ends', () => {
    const heads = [
      '',
      ' ',
      ' 1',
      ' 1 -',
      ' 1 - ',
      '1 - x',
      ' 1 x y',
      ' 1  x',
      ' 1 - x y',
      ' 1 - x "y',
      ' 1 - x "y" z',
      ' 1 - x "\\y"',
      ' 1 - x 5',
    ]
    const numbers = ['1e999', '-1', 'NaN', 'null', '{}', '', '.', '1.', '0x1', '9'.repeat(400)].map((createdAt) => ` ${createdAt} - x`)
    const others = ['{"createdAt":1,"writes":"x"}', '{'.repeat(100_000), ' '.repeat(100_000), ` 1 - x "${'"'.repeat(100_000)}`]
    for (const head of [...heads, ...numbers, ...others]) expect(() => decodeEnvelope(bytesOf(`1s${head}\n{}`))).toThrow(recordError)
  })

  test('S26: no bytes make it throw anything but ERR_RECORD', () => {
    const good = encodeEnvelope(envelope)
    const damaged = fc.tuple(fc.nat({ max: good.length - 1 }), fc.uint8Array({ minLength: 1, maxLength: 4 })).map(([at, bytes]) => {
      const copy = Uint8Array.from(good)
      copy.set(bytes.subarray(0, good.length - at), at)
      return copy
    })
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 60 })), (bytes) => {
        try {
          const { createdAt, writes } = decodeEnvelope(bytes)
          return Number.isFinite(createdAt) && Array.isArray(writes)
        } catch (error) {
          return isSessionError(error) && error.code === 'ERR_RECORD'
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('S24: an error never quotes what stands in the record', () => {
    for (const text of ['1s my-secret\n{}', '1s 1 - x "my-secret\n{}', '1s 1 - x "\\my-secret"\n{}', 'my-secret']) {
      const error = thrownBy(() => decodeEnvelope(bytesOf(text))) as Error
      expect(`${error.stack} ${JSON.stringify(error)}`).toMatch(/^(?!.*my-secret).*ERR_RECORD/s)
      expect(error.cause).toBeUndefined()
    }
  })

  test('tells whether the session belongs to somebody; what it cannot read counts as such', () => {
    expect(hasSubject(encodeEnvelope(envelope))).toBe(true)
    expect(hasSubject(encodeEnvelope({ ...envelope, subject: undefined }))).toBe(false)
    expect(hasSubject(new Uint8Array())).toBe(false)
    expect(hasSubject(bytesOf('sealed by somebody'))).toBe(true)
  })
})
