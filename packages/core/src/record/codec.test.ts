import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import { jsonCodec } from './codec.ts'

const { encode, decode } = jsonCodec
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const dataError = (message: string) => expect.objectContaining({ code: 'ERR_DATA', message: expect.stringContaining(message) })

function thrownBy(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}

/** `{"a":{"a":…}}`, so many levels deep. */
const nested = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`

describe('the JSON codec', () => {
  test.each([
    {},
    { cart: ['\u{1f36a}', '\u2028', '\0', '"'] },
    { a: { b: [null, true, -0.5, ''] } },
    Object.assign(Object.create(null), { a: 1 }),
  ])('gives back %j', (data) => expect(decode(encode(data))).toEqual(data))

  test('gives back what the data was read from where that is the same, and never where it only looks so', () => {
    const before = encode({ name: 'plain' })
    expect(encode({ name: 'plain' }, before)).toBe(before)
    expect(decode(encode({ name: 'plaid' }, before))).toEqual({ name: 'plaid' })
    // The second is how the bytes of the first look in latin1: as long in characters as those in bytes.
    for (const [was, is] of [
      ['é', 'Ã©'],
      ['é', 'C)'],
      ['\u{1f36a}', Buffer.from('\u{1f36a}').toString('latin1')],
    ])
      expect(decode(encode({ name: is }, encode({ name: was })))).toEqual({ name: is })
  })

  test('reads a part of a larger buffer', () => {
    expect(decode(bytesOf('xx{"a":1}xx').subarray(2, 9))).toEqual({ a: 1 })
  })

  test.each([
    ['undefined', undefined],
    ['null', null],
    ['text', 'text'],
    ['an array', []],
    ['a function', () => {}],
    ['a symbol', Symbol('s')],
    ['a map', new Map([['a', 1]])],
    ['a date', new Date()],
    ['a promise', Promise.resolve({})],
    ['an instance', new URL('https://example.com')],
    ['an object on a prototype that is not empty', Object.create({ admin: true })],
  ])('refuses %s, which would come back as something else', (_, data) => {
    expect(() => encode(data)).toThrow(dataError('not plain'))
  })

  test('S26: what would not come back as it was is refused, by what it is', () => {
    const cycle: Record<string, unknown> = {}
    cycle.self = cycle
    expect(() => encode(cycle)).toThrow(dataError('it holds itself (a cycle)'))
    expect(() => encode({ n: 1n })).toThrow(dataError('it holds a bigint'))
    for (const toJSON of [() => 'text', () => [], () => null, () => undefined, () => 5])
      expect(() => encode({ toJSON })).toThrow(dataError('its toJSON'))
  })

  test('S26: a toJSON that came with a request is only data', () => {
    const data = { toJSON: 'text', constructor: { prototype: { admin: true } }, hasOwnProperty: 1, valueOf: null }
    expect(decode(encode(data))).toEqual(data)
    expect(({} as { admin?: unknown }).admin).toBeUndefined()
  })

  test('S26: a key named __proto__ is refused both ways, at any depth and in any spelling', () => {
    for (const text of ['{"__proto__":{"admin":true}}', '{"a":[{"__proto__":null}]}', '{"a":{"b":{"__proto__":{"admin":true}}}}']) {
      expect(() => encode(JSON.parse(text))).toThrow(dataError('a key named __proto__'))
      for (const spelled of [
        text,
        text.replace('__', '\\u005f\\u005f'),
        text.replace('_', '\\u005F'),
        text.replace('proto', '\\u0070roto'),
      ])
        expect(() => decode(bytesOf(spelled))).toThrow('__proto__')
    }
    expect(({} as { admin?: unknown }).admin).toBeUndefined()
  })

  test('S26: text that speaks of __proto__ is only text', () => {
    const data = { note: '__proto__', list: ['{"__proto__":1}', '\\u005f_proto__'] }
    expect(decode(encode(data))).toEqual(data)
  })

  test('S26: nesting 100,000 deep is a typed error, or comes back; it never crashes', () => {
    const deep = decode(bytesOf(nested(100_000))) as object
    // Engines differ in how deep they write.
    expect([undefined, 'ERR_DATA']).toContain((thrownBy(() => encode(deep)) as { code?: string } | undefined)?.code)
    expect(() => encode(JSON.parse(nested(100_000).replace('1', '{"__proto__":1}')))).toThrow(expect.objectContaining({ code: 'ERR_DATA' }))
  })

  test('S24: an error never quotes the data, whatever a toJSON or a getter throws', () => {
    const secret = 'my-secret'
    const throwing = ['circular', 'BigInt', '__proto__', 'text'].map((word) => ({
      toJSON() {
        throw new Error(`${word} ${secret}`)
      },
    }))
    const getter = {
      get value() {
        throw new RangeError(secret)
      },
    }
    for (const data of [...throwing, getter, { [secret]: 1n }, { a: JSON.parse(`{"__proto__":"${secret}"}`) }]) {
      const error = thrownBy(() => encode(data)) as Error
      expect(error).toEqual(dataError(''))
      expect(error.stack).not.toContain(secret)
      expect(error.cause).toBeUndefined()
    }
  })
})
