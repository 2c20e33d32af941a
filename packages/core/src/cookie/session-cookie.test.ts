import { describe, expect, test } from 'vitest'
import { freshnessCookie } from './freshness-cookie.ts'
import { keyRing } from './key-ring.ts'
import { sessionCookie } from './session-cookie.ts'
import { idOf, randomToken } from './token.ts'

const secret = 'a secret of at least thirty-two bytes'
const newSecret = 'another secret of thirty-two bytes'
const name = '__Host-session'
const cookie = sessionCookie([secret], name)
const token = randomToken()
const expiresAt = Date.UTC(2030, 0, 1)

describe('the session cookie', () => {
  test('gives back what was written', () => {
    expect(cookie.read(cookie.write(token, expiresAt))).toEqual({ token, expiresAt, outdated: false })
  })

  test('takes a hundred bytes', () => {
    expect(cookie.write(token, expiresAt).length).toBeLessThanOrEqual(100)
  })

  test('a deadline with a fraction is cut to its millisecond', () => {
    expect(cookie.read(cookie.write(token, expiresAt + 0.9))?.expiresAt).toBe(expiresAt)
  })

  test('S2: no bit of it can be flipped', () => {
    const value = Buffer.from(cookie.write(token, expiresAt), 'latin1')
    for (let bit = 0; bit < value.length * 8; bit++) {
      const flipped = Buffer.from(value)
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      expect(cookie.read(flipped.toString('latin1'))).toBeNull()
    }
  })

  test('S2: nothing can be cut off, put in, or said to need no signature', () => {
    const value = cookie.write(token, expiresAt)
    const text = value.slice(0, value.lastIndexOf('.'))
    for (let at = 0; at < value.length; at++) {
      expect(cookie.read(value.slice(0, at))).toBeNull()
      expect(cookie.read(value.slice(at + 1))).toBeNull()
      expect(cookie.read(`${value.slice(0, at)}.${value.slice(at)}`)).toBeNull()
    }
    for (const wrong of [
      '',
      '.',
      '..',
      '...',
      text,
      `${text}.`,
      `${text}.none`,
      `none.${text}.`,
      `"${value}"`,
      encodeURIComponent(`${value} `),
      value.repeat(500),
    ])
      expect(cookie.read(wrong)).toBeNull()
  })

  test('S19: an older secret still verifies, and says that it is to be signed again; a removed one does not', () => {
    const old = cookie.write(token, expiresAt)
    const rotated = sessionCookie([newSecret, secret], name)
    expect(rotated.read(old)).toEqual({ token, expiresAt, outdated: true })
    expect(rotated.read(rotated.write(token, expiresAt))?.outdated).toBe(false)
    expect(sessionCookie([newSecret], name).read(old)).toBeNull()
  })

  test('S20: a cookie of another name is refused, with the same secret', () => {
    for (const other of ['__Host-admin', 'session', `${name}-version`, `${name} `, '']) {
      expect(sessionCookie([secret], other).read(cookie.write(token, expiresAt))).toBeNull()
    }
  })

  test('S20: no freshness cookie is a session cookie, whatever version and id it is for', () => {
    const freshness = freshnessCookie([secret], name)
    for (const version of ['0000000001.k3Jd81Za', token, `${token}.${expiresAt.toString(36)}`])
      for (const id of [idOf(token), token, '', expiresAt.toString(36)]) expect(cookie.read(freshness.write(version, id))).toBeNull()
  })

  test('S29: a signature of ours over another format is refused', () => {
    const keys = keyRing([secret], `session ${name}`)
    const signed = (text: string): string => `${text}.${keys.sign(text)}`
    const deadline = expiresAt.toString(36)
    expect(cookie.read(signed(`1.${token}.${deadline}`))).not.toBeNull()
    const formats = [
      `2.${token}.${deadline}`,
      `0.${token}.${deadline}`,
      `.${token}.${deadline}`,
      `1.${token}`,
      `1.${token}.`,
      `1.${token}.-1`,
    ]
    const tokens = [
      `1.${token}A.${deadline}`,
      `1.${token.slice(1)}.${deadline}`,
      `1..${deadline}`,
      `1.${token}.${'z'.repeat(12)}`,
      `1.${token}.${deadline}\n`,
    ]
    for (const text of [...formats, ...tokens]) expect(cookie.read(signed(text))).toBeNull()
  })
})
