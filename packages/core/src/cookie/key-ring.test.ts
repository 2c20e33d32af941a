import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { keyRing } from './key-ring.ts'

const [newest, older, oldest] = ['n', 'o', 'p'].map((letter) => letter.repeat(32)) as [string, string, string]

describe('a key ring', () => {
  test('signs with the newest secret', () => {
    const ring = keyRing([newest, older], 'tests')
    expect(ring.sign('text')).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(ring.sign('text')).toBe(keyRing([newest], 'tests').sign('text'))
  })

  test('S19: tells which secret made a signature, and refuses that of a secret that was removed', () => {
    const ring = keyRing([newest, older, oldest], 'tests')
    const signedWith = (secret: string): string => keyRing([secret], 'tests').sign('text')
    expect([newest, older, oldest].map((secret) => ring.verify('text', signedWith(secret)))).toEqual([0, 1, 2])
    expect(keyRing([newest, oldest], 'tests').verify('text', signedWith(older))).toBe(-1)
  })

  test('S2: refuses every other signature, of whatever length and characters', () => {
    const ring = keyRing([newest], 'tests')
    const good = ring.sign('text')
    const wrong = ['', '.', 'none', good.slice(1), `${good}=`, `${good}A`, ` ${good}`, good.toUpperCase(), good.replace(/.$/, '\u{1f36a}')]
    for (const signature of [...wrong, '\u00e9'.repeat(43), '\0'.repeat(43), 'A'.repeat(43), good.repeat(1000)])
      expect(ring.verify('text', signature)).toBe(-1)
    for (const text of ['', 'text ', 'tex', 'Text', 'text\0']) expect(ring.verify(text, good)).toBe(-1)
  })

  test('S2: one signature has one spelling: other base64 of the same bytes is refused', () => {
    const ring = keyRing([newest], 'tests')
    const good = ring.sign('text')
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const last = alphabet.indexOf(good.at(-1) as string)
    // The last character carries four bits of the signature and two that decoders ignore.
    for (const other of [last ^ 1, last ^ 2, last ^ 3]) {
      const spelled = good.slice(0, -1) + alphabet.charAt(other)
      expect(Buffer.from(spelled, 'base64url')).toEqual(Buffer.from(good, 'base64url'))
      expect(ring.verify('text', spelled)).toBe(-1)
    }
  })

  test('S20: what one purpose signed does not verify for another', () => {
    expect(keyRing([newest], 'session b').verify('text', keyRing([newest], 'session a').sign('text'))).toBe(-1)
  })

  test('S20: a program that signs text for its users with the same secret cannot be made to give out a key', () => {
    const askedFor = createHmac('sha256', newest).update('holdfast v1 tests').digest()
    const forged = createHmac('sha256', askedFor).update('text').digest('base64url')
    expect(keyRing([newest], 'tests').verify('text', forged)).toBe(-1)
  })

  test('takes at least one secret', () => {
    expect(() => keyRing([], 'tests')).toThrow('at least one secret')
  })
})
