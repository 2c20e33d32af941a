import { Buffer } from 'node:buffer'
import type { Clock } from '../../clock.ts'
import { systemClock } from '../../clock.ts'
import { optionError, sessionError, shown } from '../../errors.ts'
import { asBuffer } from '../../record/as-buffer.ts'
import { hasSubject } from '../../record/envelope.ts'
import type { PutResult, SessionStore, StoredRecord } from '../../record/store.ts'
import type { Expiring } from './deadline-heap.ts'
import { deadlineHeap } from './deadline-heap.ts'
import { sweeper } from './sweeper.ts'

/** How much a `memoryStore` may hold. */
export interface MemoryStoreOptions {
  /** The most sessions to hold. Default 100,000. */
  maxEntries?: number | undefined
  /**
   * The most memory to use, in bytes, as far as it can be told: keys, values, and an estimate of what an entry costs beside
   * them. Default 256 MiB.
   */
  maxBytes?: number | undefined
  /** Default the system's. */
  clock?: Clock | undefined
}

/** What a `memoryStore` holds, and what it had to drop. */
export interface MemoryStoreStats {
  /** Live sessions and ended ones; those past their deadline until the next sweep. */
  readonly entries: number
  /** Estimated as for `maxBytes`. */
  readonly bytes: number
  /** What has been dropped since the store was made. */
  readonly evicted: {
    /** Past their deadline: nobody misses them. */
    readonly expired: number
    /** Live sessions without a subject, and records of ended ones, for want of room. */
    readonly anonymous: number
    /** Live sessions with a subject, for want of room: people who were signed out. Raise the limits when this is not 0. */
    readonly leastRecentlyUsed: number
  }
}

/** A store that can tell how full it is. */
export interface MemoryStore extends SessionStore {
  /** Costs nothing: for a gauge. */
  stats(): MemoryStoreStats
}

interface Entry extends Expiring {
  readonly key: string
  readonly version: string
  /** The value, a character a byte: as compact as a buffer without its 100 bytes of overhead, and nobody else's to change. */
  readonly text: string
  readonly home: Map<string, Entry>
}

const defaultMaxEntries = 100_000
const defaultMaxBytes = 256 * 1024 * 1024

/**
 * What an entry costs beside its key, version and value: the object, its slots in a map and the heap, heads of strings.
 * Measured on Node 20.
 */
const entryOverhead = 280

/**
 * Sessions in this process: for development, tests, and one server or sticky sessions. A restart forgets them.
 *
 * It is bounded by entries and by bytes. When it is full, what has expired goes first, then sessions without a
 * subject, then those not used for the longest time; `stats()` counts them.
 *
 * A `put` whose value alone is over `maxBytes` rejects with `ERR_TOO_LARGE`.
 *
 * @throws `ERR_OPTION` for limits that are no positive integers
 * @example
 * const store = memoryStore({ maxEntries: 20_000 })
 * createSessions({ store, ... })
 * metrics.gauge('sessions.evicted', () => store.stats().evicted.leastRecentlyUsed)
 */
export function memoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  const { maxEntries, maxBytes, clock } = checkedOptions(options)

  // Maps keep the order of insertion: what is used is taken out and put in again, so the first is the least recently used.
  const anonymous = new Map<string, Entry>()
  const withSubject = new Map<string, Entry>()
  const deadlines = deadlineHeap<Entry>()
  const evicted = { expired: 0, anonymous: 0, leastRecentlyUsed: 0 }
  let bytes = 0
  let closed = false
  const sweep = sweeper(dropExpired)

  /** The entry of a record that is there: an expired one is dropped on the way. */
  function find(key: string): Entry | undefined {
    const entry = withSubject.get(key) ?? anonymous.get(key)
    if (entry === undefined || entry.expiresAt > clock.now()) return entry
    drop(entry)
    evicted.expired += 1
    return undefined
  }

  function add(entry: Entry): void {
    entry.home.set(entry.key, entry)
    deadlines.add(entry)
    bytes += sizeOf(entry)
    sweep.start()
  }

  function drop(entry: Entry): void {
    entry.home.delete(entry.key)
    deadlines.remove(entry)
    bytes -= sizeOf(entry)
  }

  function used(entry: Entry): void {
    entry.home.delete(entry.key)
    entry.home.set(entry.key, entry)
  }

  /** Drops at most so many; answers whether entries are left, and whether more of them have expired. */
  function dropExpired(most: number): 'empty' | 'done' | 'more' {
    const now = clock.now()
    for (let dropped = 0; ; dropped += 1) {
      const earliest = deadlines.earliest()
      if (earliest === undefined) return 'empty'
      if (earliest.expiresAt > now) return 'done'
      if (dropped === most) return 'more'
      drop(earliest)
      evicted.expired += 1
    }
  }

  function makeRoomFor(size: number): void {
    const isFull = (): boolean => anonymous.size + withSubject.size >= maxEntries || bytes + size > maxBytes
    const now = clock.now()
    while (isFull()) {
      const earliest = deadlines.earliest() as Entry
      const hasExpired = earliest.expiresAt <= now
      const victim = hasExpired ? earliest : ((first(anonymous) ?? first(withSubject)) as Entry)
      drop(victim)
      evicted[hasExpired ? 'expired' : victim.home === anonymous ? 'anonymous' : 'leastRecentlyUsed'] += 1
    }
  }

  function put(key: string, record: StoredRecord, expected: string | null): PutResult {
    const there = find(key)
    if (there?.version === record.version) return { stored: true }
    if ((there?.version ?? null) !== expected) return { stored: false, current: there === undefined ? null : recordOf(there) }

    const { version, expiresAt, value } = record
    const entry: Entry = { key, version, expiresAt, text: textOf(value), home: hasSubject(value) ? withSubject : anonymous, heapIndex: 0 }
    const size = sizeOf(entry)
    if (size > maxBytes) {
      throw sessionError(
        'ERR_TOO_LARGE',
        `A session of ${value.byteLength} bytes is over what the whole memoryStore may hold: raise maxBytes (${maxBytes}).`,
      )
    }
    if (there !== undefined) drop(there)
    makeRoomFor(size)
    add(entry)
    return { stored: true }
  }

  function touch(key: string, expiresAt: number): boolean {
    const entry = find(key)
    if (entry === undefined || entry.text === '') return false
    used(entry)
    if (expiresAt > entry.expiresAt) {
      entry.expiresAt = expiresAt
      deadlines.moved(entry)
    }
    return true
  }

  function get(key: string): StoredRecord | null {
    const entry = find(key)
    if (entry === undefined) return null
    used(entry)
    return recordOf(entry)
  }

  function remove(key: string): void {
    const entry = find(key)
    if (entry !== undefined) drop(entry)
  }

  /** The work is done at once; the promise is the contract's. */
  function answer<T>(work: () => T): Promise<T> {
    if (closed) return Promise.reject(sessionError('ERR_UNAVAILABLE', 'The memoryStore was closed. Make a new one to go on.'))
    try {
      return Promise.resolve(work())
    } catch (error) {
      return Promise.reject(error as Error)
    }
  }

  return {
    get: (key) => answer(() => get(key)),
    put: (key, record, { expected, durability }) =>
      answer(() => {
        if (typeof durability === 'object' && durability.replicas > 0) {
          throw sessionError('ERR_NOT_DURABLE', `memoryStore has no replicas, and ${durability.replicas} were asked for.`)
        }
        return put(key, record, expected)
      }),
    touch: (key, expiresAt) => answer(() => touch(key, expiresAt)),
    delete: (key) => answer(() => remove(key)),
    stats: () => ({ entries: anonymous.size + withSubject.size, bytes, evicted: { ...evicted } }),
    async close() {
      closed = true
      sweep.stop()
      anonymous.clear()
      withSubject.clear()
      deadlines.clear()
      bytes = 0
    },
  }
}

function first(entries: Map<string, Entry>): Entry | undefined {
  return entries.values().next().value
}

function sizeOf({ key, version, text }: Entry): number {
  return key.length + version.length + text.length + entryOverhead
}

function textOf(value: Uint8Array): string {
  return asBuffer(value).toString('latin1')
}

function recordOf({ version, expiresAt, text }: Entry): StoredRecord {
  return { version, expiresAt, value: Buffer.from(text, 'latin1') }
}

function checkedOptions(options: MemoryStoreOptions): { maxEntries: number; maxBytes: number; clock: Clock } {
  if (typeof options !== 'object' || options === null)
    throw optionError('memoryStore(options)', shown(options), 'an object: memoryStore({ maxEntries: 20_000 })')
  const { maxEntries = defaultMaxEntries, maxBytes = defaultMaxBytes, clock = systemClock } = options
  for (const [name, given] of Object.entries({ maxEntries, maxBytes }))
    if (!Number.isSafeInteger(given) || given < 1) throw optionError(`memoryStore({ ${name} })`, shown(given), 'a positive integer')
  if (typeof (clock as Clock | null)?.now !== 'function')
    throw optionError('memoryStore({ clock })', shown(clock), 'a clock, such as fakeClock()')
  return { maxEntries, maxBytes, clock }
}
