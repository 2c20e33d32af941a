import type { StoredRecord } from '../../record/store.ts'

/** What a node has missed while it was away, until it can be given it: the newest record of each key. Bounded; the oldest goes first. */
export interface HandOff {
  readonly size: number
  /** Whether there was ever more than it holds since it was last empty. */
  readonly hasOverflowed: boolean
  has(key: string): boolean
  add(key: string, record: StoredRecord): void
  remove(key: string): void
  /** Takes out one; undefined when there are none left. */
  take(): readonly [key: string, record: StoredRecord] | undefined
  clear(): void
}

const mostEntries = 10_000
const mostBytes = 16 * 1024 * 1024

/** `onOverflow` is called once, until it has been empty again. */
export function handOff(onOverflow: () => void): HandOff {
  const records = new Map<string, StoredRecord>()
  let bytes = 0
  let hasOverflowed = false

  function remove(key: string): void {
    const record = records.get(key)
    if (record === undefined) return
    records.delete(key)
    bytes -= sizeOf(key, record)
  }

  return {
    get size() {
      return records.size
    },
    get hasOverflowed() {
      return hasOverflowed
    },
    has: (key) => records.has(key),
    add(key, record) {
      const before = records.get(key)
      if (before !== undefined && before.version >= record.version) return
      remove(key)
      records.set(key, record)
      bytes += sizeOf(key, record)
      while (records.size > mostEntries || bytes > mostBytes) {
        const [oldest] = records.keys()
        remove(oldest as string)
        if (!hasOverflowed) onOverflow()
        hasOverflowed = true
      }
    },
    remove,
    take() {
      const [first] = records
      if (first === undefined) hasOverflowed = false
      else remove(first[0])
      return first
    },
    clear() {
      records.clear()
      bytes = 0
      hasOverflowed = false
    },
  }
}

function sizeOf(key: string, { version, value }: StoredRecord): number {
  return key.length + version.length + value.byteLength + 200
}
