import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { isSessionError, kindOf, optionError, sessionError, type SessionErrorCode, shown } from './errors.ts'

const statuses: Record<SessionErrorCode, number> = {
  ERR_OPTION: 500,
  ERR_NO_MIDDLEWARE: 500,
  ERR_UNAVAILABLE: 503,
  ERR_REFUSED: 503,
  ERR_OUTCOME_UNKNOWN: 503,
  ERR_NOT_DURABLE: 503,
  ERR_CONFLICT: 409,
  ERR_ENDED: 401,
  ERR_COMMITTED: 500,
  ERR_TOO_LARGE: 500,
  ERR_DATA: 500,
  ERR_RECORD: 500,
}
const codes = Object.entries(statuses) as [SessionErrorCode, number][]

describe('a session error', () => {
  test.each(codes)('%s answers %i', async (code, status) => {
    const error = sessionError(code, 'for the developer')
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({ name: 'SessionError', code, status, statusCode: status, message: 'for the developer' })
    const response = error.getResponse()
    expect(response.status).toBe(status)
    expect(response.headers.get('Cache-Control')).toBe('no-store')
    expect(response.headers.get('Retry-After')).toBe(status === 503 ? '1' : null)
    expect(error.headers).toEqual(status === 503 ? { 'Retry-After': '1' } : {})
    expect(error.docs).toBe(`https://holdfast-js.github.io/holdfast/errors.html#${code.toLowerCase()}`)
    expect(await response.text()).toMatch(/^[A-Z][A-Za-z .]+$/)
  })

  test.each(codes)('S24: %s never shows its message to the client', async (code) => {
    const error = sessionError(code, 'for the developer')
    expect(error.expose).toBe(false)
    expect(await error.getResponse().text()).not.toContain('developer')
  })

  test('S29: errors of one status look the same outside', async () => {
    const outside = async (code: SessionErrorCode) => {
      const response = sessionError(code, code).getResponse()
      return JSON.stringify([response.status, [...response.headers], await response.text()])
    }
    const seen = new Map<number, Set<string>>()
    for (const [code, status] of codes) seen.set(status, (seen.get(status) ?? new Set()).add(await outside(code)))
    expect([...seen.values()].map((each) => each.size)).toEqual([1, 1, 1, 1])
  })

  test('every call gives a response of its own', async () => {
    const error = sessionError('ERR_UNAVAILABLE', 'message')
    await error.getResponse().text()
    expect(error.getResponse().bodyUsed).toBe(false)
  })

  test('has a cause only where one was given', () => {
    const cause = new Error('cause')
    expect(sessionError('ERR_RECORD', 'message', { cause }).cause).toBe(cause)
    expect('cause' in sessionError('ERR_RECORD', 'message')).toBe(false)
    expect(inspect(sessionError('ERR_RECORD', 'message'))).toContain("code: 'ERR_RECORD'")
  })

  test('is known by its brand, which another copy of the package shares and no request can send', () => {
    expect(isSessionError(sessionError('ERR_DATA', 'message'))).toBe(true)
    expect(isSessionError(Object.assign(new Error('x'), { [Symbol.for('holdfast.SessionError')]: true }))).toBe(true)
    const sent: unknown = JSON.parse('{"code":"ERR_ENDED","status":401,"holdfast.SessionError":true,"Symbol(holdfast.SessionError)":true}')
    for (const other of [sent, new Error('x'), null, undefined, 'ERR_ENDED', 1]) expect(isSessionError(other)).toBe(false)
  })
})

describe('an option error', () => {
  test('names the option, what was given, and what it takes', () => {
    expect(optionError('cookie.path', shown(5), 'a path')).toMatchObject({
      code: 'ERR_OPTION',
      message: 'cookie.path is 5; it takes a path.',
    })
  })

  test('S24: shows short plain values, and of anything else only its kind: no secret, and nothing of an object', () => {
    const plain: [unknown, string][] = [
      ['lax', '"lax"'],
      [30, '30'],
      [Number.NaN, 'NaN'],
      [true, 'true'],
      [null, 'null'],
      [undefined, 'undefined'],
    ]
    const kinds: [unknown, string][] = [
      [[1], 'an array'],
      [{ a: 1 }, 'an object'],
      [() => 1, 'a function'],
      [Symbol('s'), 'a symbol'],
      [5n, 'a bigint'],
    ]
    for (const [value, text] of [...plain, ...kinds]) expect(shown(value)).toBe(text)
    for (const [value, text] of kinds) expect(kindOf(value)).toBe(text)
    expect([kindOf('lax'), kindOf(5), kindOf(null), kindOf(undefined)]).toEqual(['a string', 'a number', 'null', 'undefined'])
    expect(shown('a secret of at least thirty-two bytes')).toBe('a string of 37 characters')
    expect(shown('a\r\nb')).toBe(String.raw`"a\r\nb"`)
  })
})
