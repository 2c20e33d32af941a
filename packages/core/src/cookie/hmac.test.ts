import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hmacSha256 } from './hmac.ts'

// RFC 4231, 4.2, 4.3 and 4.7: a key shorter than a block, a short one, and one that is longer.
const vectors = [
  { key: '0b'.repeat(20), text: 'Hi There', mac: 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7' },
  {
    key: Buffer.from('Jefe').toString('hex'),
    text: 'what do ya want for nothing?',
    mac: '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  },
  {
    key: 'aa'.repeat(131),
    text: 'Test Using Larger Than Block-Size Key - Hash Key First',
    mac: '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
  },
]

test.each(vectors)('S2: gives what RFC 4231 says for "$text"', ({ key, text, mac }) => {
  const hmac = hmacSha256(Buffer.from(key, 'hex'))
  expect(Buffer.from(hmac(text), 'base64url').toString('hex')).toBe(mac)
})

test("S2: gives what Node's own gives, for any key and any text, one after the other", () => {
  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ maxLength: 60 }), fc.constant('€'.repeat(256)))
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 80 }), fc.array(text, { minLength: 1, maxLength: 4 }), (key, texts) => {
      const hmac = hmacSha256(key)
      for (const each of texts) expect(hmac(each)).toBe(createHmac('sha256', key).update(each).digest('base64url'))
    }),
    { numRuns: 1_000 },
  )
})
