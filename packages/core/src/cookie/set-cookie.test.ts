import { describe, expect, test } from 'vitest'
import { days, hours, seconds } from '../duration.ts'
import { type CookieOptions, setCookie } from './set-cookie.ts'

/** The line for a value `v` without a lifetime, on a request over https. */
const line = (options?: CookieOptions): string => setCookie(options).write('v', undefined, true)

describe('a Set-Cookie line', () => {
  test('S11, S12: __Host-, Secure, HttpOnly and SameSite=Lax by default', () => {
    expect(line()).toBe('__Host-session=v; Path=/; HttpOnly; SameSite=Lax; Secure')
    expect(line({})).toBe(line())
    expect(setCookie().name).toBe('__Host-session')
  })

  test('S11: Secure whatever scheme the server sees, unless told otherwise', () => {
    expect(setCookie().write('v', undefined, false)).toBe(line())
    expect(setCookie({ secure: false }).write('v', undefined, true)).toBe('session=v; Path=/; HttpOnly; SameSite=Lax')
    expect(setCookie({ secure: 'auto' }).write('v', undefined, true)).toBe('session=v; Path=/; HttpOnly; SameSite=Lax; Secure')
    expect(setCookie({ secure: 'auto' }).write('v', undefined, false)).toBe('session=v; Path=/; HttpOnly; SameSite=Lax')
  })

  test('S11: the name promises what the attributes keep', () => {
    expect(line({ domain: 'example.com' })).toBe('__Secure-session=v; Path=/; Domain=example.com; HttpOnly; SameSite=Lax; Secure')
    expect(line({ path: '/app' })).toBe('__Secure-session=v; Path=/app; HttpOnly; SameSite=Lax; Secure')
    expect(line({ name: 'sid', domain: '.example.com', path: '/app' })).toBe(
      'sid=v; Path=/app; Domain=.example.com; HttpOnly; SameSite=Lax; Secure',
    )
  })

  test('S11: a name that promises what the attributes do not keep throws', () => {
    for (const host of ['__Host-x', '__HOST-x', '__host-x', '__Host-Http-x']) {
      expect(() => setCookie({ name: host, domain: 'example.com' })).toThrow('cookie.domain is "example.com"; it takes nothing')
      expect(() => setCookie({ name: host, path: '/app' })).toThrow('cookie.path is "/app"; it takes /')
    }
    for (const name of ['__Host-x', '__Secure-x', '__secure-x', '__Http-x'])
      for (const secure of [false, 'auto'] as const)
        expect(() => setCookie({ name, secure })).toThrow(`cookie.secure is ${JSON.stringify(secure)}`)
  })

  test('S12: SameSite is always written; None only with Secure', () => {
    for (const [sameSite, text] of Object.entries({ lax: 'Lax', strict: 'Strict', none: 'None' }))
      expect(line({ sameSite: sameSite as 'lax' })).toContain(`; SameSite=${text};`)
    for (const secure of [false, 'auto'] as const) {
      expect(() => setCookie({ sameSite: 'none', secure })).toThrow("it takes true with sameSite: 'none'")
      expect(() => setCookie({ partitioned: true, secure })).toThrow('it takes true with partitioned')
    }
  })

  test('a jar for each embedding site where asked', () => {
    expect(line({ sameSite: 'none', partitioned: true })).toBe('__Host-session=v; Path=/; HttpOnly; SameSite=None; Partitioned; Secure')
  })

  test('S11, S12: what clears a cookie has the attributes of what set it', () => {
    expect(setCookie({ name: 'sid', domain: 'example.com', path: '/app', sameSite: 'none', partitioned: true }).clear(true)).toBe(
      'sid=; Path=/app; Domain=example.com; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=None; Partitioned; Secure',
    )
  })

  test('S13: a lifetime is whole seconds from 0 to 400 days', () => {
    const maxAge = (milliseconds: number): string | undefined => /Max-Age=([^;]*)/.exec(setCookie().write('v', milliseconds, true))?.[1]
    expect([seconds(1), 1999, hours(1), days(400), days(400) + 1000, Infinity].map(maxAge)).toEqual([
      '1',
      '1',
      '3600',
      '34560000',
      '34560000',
      '34560000',
    ])
    expect([0, 999, -1, -Infinity].map(maxAge)).toEqual(['0', '0', '0', '0'])
    expect(line()).not.toContain('Max-Age')
  })

  test('S13: 4096 bytes of name and value pass, 4097 are an error', () => {
    const sid = setCookie({ name: 'sid' })
    expect(sid.write('v'.repeat(4093), undefined, true)).toContain(`sid=${'v'.repeat(4093)};`)
    expect(() => sid.write('v'.repeat(4094), undefined, true)).toThrow(expect.objectContaining({ code: 'ERR_TOO_LARGE' }))
  })

  test('S13: an attribute of 1024 bytes passes, 1025 are an error; so is a name that leaves no room', () => {
    expect(line({ path: `/${'p'.repeat(1023)}` })).toContain('ppp;')
    expect(() => setCookie({ path: `/${'p'.repeat(1024)}` })).toThrow(
      'cookie.path is a string of 1025 characters; it takes at most 1024 bytes',
    )
    expect(line({ name: 'n'.repeat(256) })).toContain('nnn=v')
    expect(() => setCookie({ name: 'n'.repeat(257) })).toThrow('cookie.name is a string of 257 characters; it takes at most 256 bytes')
  })

  const poison = [
    ';',
    '\r',
    '\n',
    '\r\nSet-Cookie: x=y',
    '\0',
    '\t',
    '\u007f',
    '\u0080',
    '\u00a0',
    '\u00e9',
    '\u2028',
    '\u{1f36a}',
    '; Secure',
    ' ',
  ]
  const option = expect.objectContaining({ code: 'ERR_OPTION' })

  test.each(['name', 'path', 'domain', 'sameSite'] as const)(
    'S16: no control character, separator or non-ASCII letter gets into %s',
    (name) => {
      const good = { name: 'sid', path: '/p', domain: 'example.com', sameSite: 'lax' }[name]
      for (const bad of poison)
        for (const text of [bad + good, good + bad, good.slice(0, 2) + bad + good.slice(2)])
          expect(() => setCookie({ [name]: text })).toThrow(option)
    },
  )

  test('S16: a name is a token', () => {
    for (const character of '()<>@,;:\\"/[]?={} ') expect(() => setCookie({ name: `s${character}d` })).toThrow(option)
    for (const character of "!#$%&'*+-.^_`|~") expect(line({ name: `s${character}d` })).toContain(`s${character}d=v;`)
    expect(() => setCookie({ name: '' })).toThrow(option)
  })

  test('S16: a path starts with a slash; a domain is a host name', () => {
    for (const path of ['', 'app', './', '//;', 'https://example.com']) expect(() => setCookie({ path })).toThrow(option)
    for (const domain of ['', '.', 'a..b', 'example.com.', 'http://a', 'a:80', 'a/b', '*.a', `${'a'.repeat(250)}.com`])
      expect(() => setCookie({ domain })).toThrow(option)
  })

  test('S16: a value of other characters than a cookie may carry is an error', () => {
    for (const bad of [...poison, '"', ',', '\\']) expect(() => setCookie().write(`v${bad}`, undefined, true)).toThrow(option)
  })
})
