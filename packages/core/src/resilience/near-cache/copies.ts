import { Buffer } from 'node:buffer'
import { asBuffer } from '../../record/as-buffer.ts'
import type { StoredRecord } from '../../record/store.ts'

/** What is kept of one session. */
export interface Copy {
  readonly version: string
  expiresAt: number
  /** The value, a character a byte: not a slice that keeps the whole chunk from the socket, and nobody else's to change. */
  readonly text: string
  /** When the store was asked for it, of `performance.now()`. */
  readonly askedAt: number
  /** When it was learnt, in the order of all that was. */
  readonly learntAs: number
  /** Whether it may be answered with: not once there is news of a change. */
  isCurrent: boolean
}

/** Copies of records, those used last. */
export interface Copies {
  readonly size: number
  readonly bytes: number
  get(key: string): Copy | undefined
  /** The same, and from now on it is the one used last. */
  use(key: string): Copy | undefined
  set(key: string, copy: Copy): void
  delete(key: string): void
  /** None is current any more. */
  doubt(): void
  clear(): void
}

/**
 * What a copy costs beside its key, version and value, in bytes, as of `memoryStore`; and how often its value counts, since what the engine has
 * read from it is kept beside it. Measured on Node 20: a session with 0.7 kB of JSON takes 3.8 kB of heap, and counts as 4.1.
 */
const copyOverhead = 260
const valueCounts = 5

export function copies(maxEntries: number, maxBytes: number): Copies {
  // A map keeps the order of insertion: what is used is taken out and put in again, so the first is the least recently used.
  const all = new Map<string, Copy>()
  let bytes = 0

  function remove(key: string): void {
    const copy = all.get(key)
    if (copy === undefined) return
    all.delete(key)
    bytes -= sizeOf(key, copy)
  }

  return {
    get size() {
      return all.size
    },
    get bytes() {
      return bytes
    },
    get: (key) => all.get(key),
    use(key) {
      const copy = all.get(key)
      if (copy === undefined) return undefined
      all.delete(key)
      all.set(key, copy)
      return copy
    },
    set(key, copy) {
      remove(key)
      all.set(key, copy)
      bytes += sizeOf(key, copy)
      for (const oldest of all.keys()) {
        if (all.size <= maxEntries && bytes <= maxBytes) break
        remove(oldest)
      }
    },
    delete: remove,
    doubt() {
      for (const copy of all.values()) copy.isCurrent = false
    },
    clear() {
      all.clear()
      bytes = 0
    },
  }
}

export function textOf(value: Uint8Array): string {
  return asBuffer(value).toString('latin1')
}

/** What is given of a copy. */
export function recordOf({ version, expiresAt, text }: Copy): StoredRecord {
  return { version, expiresAt, value: Buffer.from(text, 'latin1') }
}

/** The same for a reader in this process, which has most often read the value before. A class, since one is made for every read. */
export class LocalRecord implements StoredRecord {
  readonly version: string
  readonly expiresAt: number
  readonly #copy: Copy
  #value: Uint8Array | undefined

  constructor(copy: Copy) {
    this.version = copy.version
    this.expiresAt = copy.expiresAt
    this.#copy = copy
  }

  get value(): Uint8Array {
    return (this.#value ??= recordOf(this.#copy).value)
  }

  get origin(): object {
    return this.#copy
  }
}

function sizeOf(key: string, { version, text }: Copy): number {
  return key.length + version.length + text.length * valueCounts + copyOverhead
}
