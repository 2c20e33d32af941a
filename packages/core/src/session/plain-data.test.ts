import fc from 'fast-check'
import { expect, test } from 'vitest'
import { copyOf, isSameText } from './plain-data.ts'

const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown)

test('a copy has the same text, and shares nothing with what it was made of', () => {
  fc.assert(
    fc.property(json, (value) => {
      const text = JSON.stringify(value)
      const copy = copyOf(value)
      expect(JSON.stringify(copy)).toBe(text)
      expect(isSameText(copy, value)).toBe(true)
      spoil(copy)
      expect(JSON.stringify(value)).toBe(text)
    }),
  )
})

/** Changes all that can be changed in it. */
function spoil(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  for (const [key, each] of Object.entries(value)) {
    spoil(each)
    ;(value as Record<string, unknown>)[key] = 'spoilt'
  }
  if (Array.isArray(value)) value.push('spoilt')
}

test('what is said to have the same text has it', () => {
  fc.assert(
    fc.property(json, json, (one, other) => {
      if (isSameText(one, other)) expect(JSON.stringify(one)).toBe(JSON.stringify(other))
    }),
  )
})

class Odd {
  a = 1
}

test.each<[string, unknown, unknown]>([
  ['another value', { a: 1 }, { a: 2 }],
  ['another order', { b: 1, a: 1 }, { a: 1, b: 1 }],
  ['a key more', { a: 1, b: undefined }, { a: 1 }],
  ['a key less', {}, { a: 1 }],
  ['an item more', [1, 2], [1]],
  ['an object in place of an array', { 0: 1 }, [1]],
  ['an array in place of an object', [], {}],
  ['a Date', { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
  ['a toJSON', { a: 1, toJSON: () => ({ a: 2 }) }, { a: 1 }],
  ['a toJSON that nobody lists', Object.defineProperty({ a: 1 }, 'toJSON', { value: () => ({ a: 2 }) }), { a: 1 }],
  ['an array with a toJSON', Object.assign([1], { toJSON: () => [2] }), [1]],
  ['an instance of a class', new Odd(), { a: 1 }],
  ['an object without a prototype', Object.assign(Object.create(null) as object, { a: 1 }), { a: 1 }],
  ['NaN', { a: Number.NaN }, { a: null }],
  ['undefined in an array', [undefined], [null]],
])('%s is not taken for the same without looking at the text', (_, data, known) => {
  expect(isSameText(data, known)).toBe(false)
})
