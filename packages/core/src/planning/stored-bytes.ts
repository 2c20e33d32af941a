import { encodeEnvelope, rememberedWrites } from '../record/envelope.ts'
import { packRecord } from '../record/pack.ts'
import { nextVersion, stampOf } from '../record/version.ts'

/** What the sessions are kept on. */
export type FleetEngine = 'redis' | 'memcached'

/** `holdfast:`, the stores' prefix unless told otherwise, and the id of a session. */
const keyBytes = 'holdfast:'.length + 43

const kib = 1024
const mib = 1024 * kib

/**
 * The memory that one copy of a session takes, in bytes, of what `maxmemory` (Redis) or `-m` (memcached) counts.
 *
 * @param dataBytes the session's data as JSON, in bytes
 */
export function storedBytes(engine: FleetEngine, dataBytes: number): number {
  const valueBytes = recordBytes(dataBytes)
  return engine === 'redis' ? redisBytes(valueBytes) : memcachedBytes(valueBytes)
}

/** The value that the stores write for a session: one with a subject of 36 characters, that has changed often. */
export function recordBytes(dataBytes: number): number {
  const version = nextVersion(null)
  const now = Date.now()
  const writes = Array.from({ length: rememberedWrites }, () => stampOf(version))
  const head = encodeEnvelope({ createdAt: now, persistentUntil: now, subject: '-'.repeat(36), writes, data: new Uint8Array() })
  return packRecord({ version, expiresAt: now, value: head }).byteLength + dataBytes
}

/** The largest session that a memcached with its default `-I` takes, as bytes of JSON: items of 1 MiB less 512 bytes (measured on 1.6.18). */
export function largestOnMemcached(): number {
  return mib - 512 - itemBytes(recordBytes(0))
}

// Measured on Redis 7.0.15 with jemalloc 5.3.0, and computed from its object.c, sds.h and dict.h: value and key as strings with a head
// and a zero; an object (16); an entry each in the dictionary of keys and in that of deadlines (24, which jemalloc makes 32); and
// two slots of 8 for each entry, since a table is at least half full. The jemalloc that comes with Redis's own builds takes 24 for 24, and
// 56 for the key: 24 bytes less in all.
const redisEntry = 16 + 2 * 32 + 2 * 2 * 8

function redisBytes(valueBytes: number): number {
  return jemalloc(redisString(keyBytes)) + jemalloc(redisString(valueBytes)) + redisEntry
}

function redisString(bytes: number): number {
  const head = bytes < 2 ** 8 ? 3 : bytes < 2 ** 16 ? 5 : 9
  return head + bytes + 1
}

/** What jemalloc gives for so many bytes: multiples of 16 up to 128, then four sizes to each doubling. */
function jemalloc(bytes: number): number {
  const step = bytes <= 128 ? 16 : 2 ** (Math.ceil(Math.log2(bytes)) - 3)
  return Math.ceil(bytes / step) * step
}

// Measured on memcached 1.6.18 with its defaults, and computed from its slabs.c: pages of 1 MiB, cut into chunks of one size, of which
// each is a quarter larger than the one before, in steps of 8 bytes. An item takes one chunk, and what is left of its page is nobody's. One
// above 512 KiB takes two, and a third of 192 bytes that leads to them.
const [smallestChunk, chunkFactor, chunkStep, largestChunk, leadingChunk] = [96, 1.25, 8, 512 * kib, 192]

function memcachedBytes(valueBytes: number): number {
  const needed = itemBytes(valueBytes)
  if (needed > largestChunk) return 2 * largestChunk + leadingChunk
  let chunk = smallestChunk
  while (chunk < needed) {
    const next = Math.ceil((chunk * chunkFactor) / chunkStep) * chunkStep
    chunk = next < largestChunk / chunkFactor ? next : largestChunk
  }
  return mib / Math.floor(mib / chunk)
}

/** An item's head (48), its CAS (8), the key with a zero, the value with a line break. */
function itemBytes(valueBytes: number): number {
  return 48 + 8 + keyBytes + 1 + valueBytes + 2
}
