import { describe, expect, test } from 'vitest'
import { freshnessCookie } from './freshness-cookie.ts'
import { sessionCookie } from './session-cookie.ts'
import { idOf, randomToken } from './token.ts'

const secret = 'a secret of at least thirty-two bytes'
const freshness = freshnessCookie([secret], '__Host-session')
const id = idOf(randomToken())
const first = '0000000001.k3Jd81Za'
const second = '0000000002.Zb8-_1aa'

describe('the freshness cookie', () => {
  test('proves a version for its session', () => {
    expect(freshness.read([freshness.write(first, id)], id)).toBe(first)
  })

  test('of several the newest counts, in any order; what does not verify is passed over', () => {
    const values = [freshness.write(first, id), freshness.write(second, id), 'nonsense', '']
    expect(freshness.read(values, id)).toBe(second)
    expect(freshness.read(values.toReversed(), id)).toBe(second)
    expect(freshness.read([], id)).toBeUndefined()
  })

  test('S2: no bit of it can be flipped', () => {
    const value = Buffer.from(freshness.write(first, id), 'latin1')
    for (let bit = 0; bit < value.length * 8; bit++) {
      const flipped = Buffer.from(value)
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      expect(freshness.read([flipped.toString('latin1')], id)).toBeUndefined()
    }
  })

  test('S17: one of another session says nothing about this one', () => {
    expect(freshness.read([freshness.write(second, idOf(randomToken()))], id)).toBeUndefined()
  })

  test('S20: neither one of another name nor a session cookie is taken', () => {
    const token = randomToken()
    const session = sessionCookie([secret], '__Host-session').write(token, Date.UTC(2030, 0, 1))
    expect(freshness.read([freshnessCookie([secret], '__Host-admin').write(first, id), session], id)).toBeUndefined()
    for (const each of [idOf(token), token, '']) expect(freshness.read([session], each)).toBeUndefined()
  })

  test('S19: an older secret still verifies, a removed one does not', () => {
    const value = freshness.write(first, id)
    const newSecret = 'another secret of thirty-two bytes'
    expect(freshnessCookie([newSecret, secret], '__Host-session').read([value], id)).toBe(first)
    expect(freshnessCookie([newSecret], '__Host-session').read([value], id)).toBeUndefined()
  })

  test('S2: the line between version and id cannot be moved', () => {
    expect(freshness.read([freshness.write(`${first}.x`, 'y')], 'x.y')).toBeUndefined()
  })
})
