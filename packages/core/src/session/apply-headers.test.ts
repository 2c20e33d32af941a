import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applyHeaders, type HeaderSink, type SetHeaders } from './apply-headers.ts'

const ours: SetHeaders = [
  ['Vary', 'Cookie'],
  ['Cache-Control', 'private, no-cache'],
  ['Set-Cookie', '__Host-session=1'],
  ['Set-Cookie', '__Host-session-version=2'],
]

function applied(present: readonly (readonly [string, string])[], headers: SetHeaders = ours): Headers {
  const to = new Headers(present.map(([name, value]) => [name, value] as [string, string]))
  applyHeaders(headers, to)
  return to
}
const cacheControl = (value: string): string | null => applied([['Cache-Control', value]]).get('Cache-Control')

describe('applyHeaders', () => {
  test('S30: exactly the Set-Cookie lines of ours, and those of others kept, in their order', () => {
    const to = applied([
      ['Set-Cookie', 'a=1; Expires=Thu, 01 Jan 2030 00:00:00 GMT'],
      ['Set-Cookie', 'b=2'],
    ])
    expect(to.getSetCookie()).toEqual(['a=1; Expires=Thu, 01 Jan 2030 00:00:00 GMT', 'b=2', '__Host-session=1', '__Host-session-version=2'])
  })

  test('S22: Vary gets Cookie once, in whatever case it is there, and never beside a star', () => {
    expect(applied([]).get('Vary')).toBe('Cookie')
    expect(applied([['Vary', 'Accept-Encoding']]).get('Vary')).toBe('Accept-Encoding, Cookie')
    for (const there of ['Cookie', 'cookie', 'Origin , COOKIE', '*', 'Origin, *'])
      expect(applied([['Vary', there]]).get('Vary')).toBe(there)
    expect(applied([['Vary', 'X-Cookie']]).get('Vary')).toBe('X-Cookie, Cookie')
  })

  test('S22: Cache-Control keeps shared caches off; what does so already is kept', () => {
    for (const strict of ['no-store', 'private', 'private, max-age=60', 'max-age=0, NO-STORE', 'no-transform , private'])
      expect(cacheControl(strict)).toBe(strict)
    for (const open of ['public', 'public, max-age=600', 's-maxage=600', 'no-cache', 'private="set-cookie"', 'x-private', 'no-storex'])
      expect(cacheControl(open)).toBe('private, no-cache')
  })

  test('headers that were asked for only: no Cache-Control without a Set-Cookie, nothing for nothing', () => {
    expect([...applied([['Cache-Control', 'public']], [['Vary', 'Cookie']])]).toEqual([
      ['cache-control', 'public'],
      ['vary', 'Cookie'],
    ])
    expect([...applied([], [])]).toEqual([])
  })

  test('twice adds nothing to Vary and Cache-Control', () => {
    const to = applied(
      [['Vary', 'Origin']],
      [
        ['Vary', 'Cookie'],
        ['Cache-Control', 'private, no-cache'],
      ],
    )
    const once = [...to]
    applyHeaders(
      [
        ['Vary', 'Cookie'],
        ['Cache-Control', 'private, no-cache'],
      ],
      to,
    )
    expect([...to]).toEqual(once)
  })

  test('sinks that answer a list, a number, an empty string or nothing', () => {
    const sinks: [ReturnType<HeaderSink['get']>, string][] = [
      [['Origin', 'Accept'], 'Origin,Accept, Cookie'],
      [5, '5, Cookie'],
      ['', 'Cookie'],
      [null, 'Cookie'],
      [undefined, 'Cookie'],
    ]
    for (const [there, vary] of sinks) {
      const set: [string, string][] = []
      const sink = { get: () => there, set: (...pair: [string, string]) => set.push(pair), append: () => {} }
      applyHeaders([['Vary', 'Cookie']], sink)
      expect(set).toEqual([['Vary', vary]])
    }
  })

  test('S22: whatever Cache-Control stood there, no shared cache keeps the answer', () => {
    const directives = fc.constantFrom(
      'public',
      'private',
      'no-store',
      'no-cache',
      'max-age=60',
      's-maxage=60',
      'immutable',
      'must-revalidate',
      'private=x',
      '',
    )
    fc.assert(
      fc.property(fc.array(directives), (some) => {
        const names = (cacheControl(some.join(', ')) ?? '').split(',').map((each) => each.trim())
        expect(names.includes('private') || names.includes('no-store')).toBe(true)
      }),
    )
  })
})
