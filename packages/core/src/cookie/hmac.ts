import { Buffer } from 'node:buffer'
import * as crypto from 'node:crypto'

/** HMAC-SHA256 of a text under one key: base64url, 43 characters. */
export type Hmac = (text: string) => string

/** Bytes that SHA-256 takes at a time, and of its digest (FIPS 180-4). */
const blockBytes = 64
const digestBytes = 32

/** Of the texts that go into a cookie of ours. Longer ones are for Node's own HMAC. */
const longestText = 256
const mostBytesOfCharacter = 3

/**
 * HMAC as RFC 2104 writes it, of two calls of `crypto.hash`: 3.5 microseconds where `crypto.createHmac`, which makes a stream,
 * takes 8, once for every request that asks for its session. Where there is no `crypto.hash` (Node 20.12), Node's own.
 */
export function hmacSha256(key: Uint8Array): Hmac {
  const slow: Hmac = (text) => crypto.createHmac('sha256', key).update(text).digest('base64url')
  if (typeof crypto.hash !== 'function' || key.byteLength > blockBytes) return slow
  const inner = padded(key, 0x36, longestText * mostBytesOfCharacter)
  const outer = padded(key, 0x5c, digestBytes)
  return (text) => {
    if (text.length > longestText) return slow(text)
    const length = inner.write(text, blockBytes)
    outer.write(crypto.hash('sha256', inner.subarray(0, blockBytes + length), 'latin1' as 'binary'), blockBytes, 'latin1')
    return crypto.hash('sha256', outer, 'base64url' as 'base64')
  }
}

/** The key, filled up to a block, with each byte changed by `pad`; and room for what is hashed after it. */
function padded(key: Uint8Array, pad: number, room: number): Buffer {
  const bytes = Buffer.alloc(blockBytes + room)
  bytes.set(key)
  for (let index = 0; index < blockBytes; index++) bytes[index]! ^= pad
  return bytes
}
