import { Buffer } from 'node:buffer'
import { hkdfSync, timingSafeEqual } from 'node:crypto'
import { hmacSha256 } from './hmac.ts'

const keyBytes = 32

/** Signs with the newest secret; verifies with each. */
export interface KeyRing {
  /** HMAC-SHA256 of the text, base64url, 43 characters. */
  sign(text: string): string
  /** Which secret made this signature: 0 for the newest; -1 for none of them. */
  verify(text: string, signature: string): number
}

/**
 * Keys for one purpose. Each is derived from a secret together with the purpose, so that what was signed for one
 * cookie, or by another program with the same secret, verifies nowhere else (ASVS 11; CVE-2023-48309). HKDF (RFC 5869)
 * and not a plain HMAC of the purpose: a program that signs text for its users with the same secret could be asked for that.
 */
export function keyRing(secrets: readonly string[], purpose: string): KeyRing {
  const macs = secrets.map((secret) => hmacSha256(new Uint8Array(hkdfSync('sha256', secret, '', `holdfast v1 ${purpose}`, keyBytes))))
  const [newest] = macs
  if (newest === undefined) throw new TypeError('a key ring takes at least one secret')
  return {
    sign: newest,
    verify: (text, signature) => macs.findIndex((mac) => equalInConstantTime(mac(text), signature)),
  }
}

const signatureLength = 43
// Written over each time: to make two buffers takes longer than to compare them.
const expectedBytes = Buffer.alloc(signatureLength)
const givenBytes = Buffer.alloc(signatureLength)

// Text is compared, not decoded bytes: base64url has several spellings for the same 32 bytes, and only one of them is ours. What is given
// is written as UTF-8, in which no other character becomes one of ours.
function equalInConstantTime(expected: string, given: string): boolean {
  if (given.length !== signatureLength || givenBytes.write(given) !== signatureLength) return false
  expectedBytes.write(expected, 'latin1')
  return timingSafeEqual(expectedBytes, givenBytes)
}
