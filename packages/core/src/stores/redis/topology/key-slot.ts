import { Buffer } from 'node:buffer'

export const slotCount = 16_384

// CRC-16/XMODEM, as the Redis Cluster specification has it.
const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1
  return crc
})

/** The slot of a key in a Redis Cluster: of what stands between the first braces, if anything does. */
export function slotOf(key: string): number {
  const open = key.indexOf('{')
  const close = open < 0 ? -1 : key.indexOf('}', open + 1)
  const bytes = Buffer.from(close > open + 1 ? key.slice(open + 1, close) : key)
  let crc = 0
  for (const byte of bytes) crc = ((crc << 8) ^ (table[(crc >> 8) ^ byte] as number)) & 0xffff
  return crc % slotCount
}
