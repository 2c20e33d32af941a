import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cookieValues } from './cookie-header.ts'

const name = '__Host-session'

describe('cookieValues', () => {
  test('gives the values of the name, in the order of the header', () => {
    expect(cookieValues(`a=1; ${name}=first; b=2; ${name}=second`, name)).toEqual(['first', 'second'])
  })

  test('nothing for no header, an empty one, or one without the name', () => {
    for (const header of [undefined, null, '', ';', '=', 'a=1', name, `${name};a=1`]) expect(cookieValues(header, name)).toEqual([])
  })

  test('a value keeps its further equals signs and its quotes, and may be empty', () => {
    expect(cookieValues(`${name}=a=b==; ${name}="q"; ${name}=`, name)).toEqual(['a=b==', '"q"', ''])
  })

  test('S14: spaces, tabs, empty pairs and pairs without a value do no harm', () => {
    expect(cookieValues(`;; ,= ;\t ${name}\t = \tgood\t ;;flag;=;`, name)).toEqual(['good'])
  })

  test('S15: trims spaces and tabs and nothing else', () => {
    const others = ['\u00a0', '\u000b', '\u000c', '\u0085', '\u1680', '\u2003', '\u2028', '\u3000', '\ufeff', '\0', '\r', '\n']
    for (const other of others) {
      expect(cookieValues(`${other}${name}=bad; ${name}${other}=bad; ${name}=good`, name)).toEqual(['good'])
      expect(cookieValues(`${name}=${other}good`, name)).toEqual([`${other}good`])
    }
  })

  test('S15: a nameless cookie is none of ours', () => {
    expect(cookieValues(`=${name}=bad; ==${name}=bad; = ${name}=bad; ${name}=good`, name)).toEqual(['good'])
  })

  test('S15: a name is its exact letters: no case, no prefix, no part, no percent', () => {
    const shadows = [
      '__host-session',
      '__HOST-SESSION',
      '__Host-session2',
      'x__Host-session',
      '__Host-sessio',
      '%5F%5FHost-session',
      '"__Host-session"',
    ]
    expect(cookieValues([...shadows.map((shadow) => `${shadow}=bad`), `${name}=good`].join('; '), name)).toEqual(['good'])
  })

  test('S14: 100,000 headers of anything: never throws, and finds the real cookie among them', () => {
    const pieces = fc.oneof(
      fc.constantFrom(
        name,
        '=',
        ';',
        '; ',
        ' ',
        '\t',
        ',',
        '"',
        '\\',
        '\u00a0',
        '\0',
        '\r\n',
        '__proto__',
        '%',
        'a=1',
        `${name}=`,
        `=${name}=`,
      ),
      fc.string({ unit: 'binary', maxLength: 6 }),
    )
    const everyRotation = (some: readonly string[]): string[] => some.map((_, i) => [...some.slice(i), ...some.slice(0, i)].join(''))
    const withRealOne = (text: string): boolean =>
      cookieValues(text, name).every((value) => text.includes(value)) && cookieValues(`${text}; ${name}=real`, name).at(-1) === 'real'
    fc.assert(
      fc.property(fc.array(pieces, { minLength: 10, maxLength: 14 }), (some) => everyRotation(some).every(withRealOne)),
      { numRuns: 10_000 },
    )
  })

  test('S14: what no cookie is split at stays in one piece: the parser agrees with split', () => {
    const bySplit = (header: string): string[] =>
      header.split(';').flatMap((pair) => {
        const [left = '', ...right] = pair.split('=')
        const trimmed = (text: string): string => text.replace(/^[ \t]+|[ \t]+$/g, '')
        return right.length > 0 && trimmed(left) === 'ab' ? [trimmed(right.join('='))] : []
      })
    const header = fc.string({ unit: fc.constantFrom('a', 'b', 'ab', 'ab=', '=', ';', ' ', '\t', 'x'), maxLength: 30 })
    fc.assert(
      fc.property(header, (text) => {
        expect(cookieValues(text, 'ab')).toEqual(bySplit(text))
      }),
      { numRuns: 5_000 },
    )
  })

  test('S14: a header costs its length, not the square of it', () => {
    // At ten microseconds a search through what is left, the square would take minutes.
    const length = 1_000_000
    for (const filling of [';', '=;', ' ;', `${name};`, ' ', '='])
      expect(cookieValues(`${filling.repeat(length / filling.length)}; ${name}=good`, name)).toEqual(['good'])
  })
})
