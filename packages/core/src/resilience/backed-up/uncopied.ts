import type { StoredRecord } from '../../record/store.ts'

/** What waits to be copied of one session. */
export interface Waiting {
  /** The newest; undefined: only the deadline was moved. */
  readonly record: StoredRecord | undefined
  readonly expiresAt: number
  /** How many changes it is. */
  readonly changes: number
  /** When the first of them was made, of `performance.now()`. */
  readonly since: number
  /** What was sent, and may be there. It is sent again before anything newer, the same bytes: that settles it. */
  readonly inDoubt: StoredRecord | undefined
}

/** What is only here: the newest record of each session that was changed, in the order of their first changes. */
export interface Uncopied {
  /** Sessions. */
  readonly size: number
  readonly changes: number
  readonly bytes: number
  /** When the oldest change was made; undefined: nothing waits. */
  readonly since: number | undefined
  keys(): string[]
  get(key: string): Waiting | undefined
  /** Whether this record can still wait. */
  hasRoomFor(key: string, record?: StoredRecord): boolean
  add(key: string, record: StoredRecord): void
  addDeadline(key: string, expiresAt: number): void
  /** This is under way to the backup; null: only its deadline is. */
  sending(key: string, record: StoredRecord | null): void
  /** The backup has this version, with this deadline. */
  copied(key: string, version: string | null, expiresAt: number): void
  /** It does not take it now: others are next. */
  failed(key: string, mayBeThere: boolean): void
  remove(key: string): void
}

interface Entry {
  record: StoredRecord | undefined
  expiresAt: number
  changes: number
  since: number
  inDoubt: StoredRecord | undefined
  /** What came while something was under way. */
  later: { changes: number; since: number } | undefined
}

/** What a waiting session costs beside its key, version and value. */
const entryOverhead = 300

export function uncopied(maxEntries: number, maxBytes: number): Uncopied {
  const all = new Map<string, Entry>()
  let bytes = 0
  let changes = 0

  function remove(key: string): void {
    const entry = all.get(key)
    if (entry === undefined) return
    all.delete(key)
    bytes -= sizeOf(key, entry)
    changes -= entry.changes
  }

  function entryFor(key: string, expiresAt: number): Entry {
    let entry = all.get(key)
    if (entry === undefined) {
      entry = { record: undefined, expiresAt, changes: 0, since: performance.now(), inDoubt: undefined, later: undefined }
      all.set(key, entry)
      bytes += sizeOf(key, entry)
    }
    entry.changes += 1
    changes += 1
    if (entry.later !== undefined) {
      entry.later.changes += 1
      if (entry.later.changes === 1) entry.later.since = performance.now()
    }
    return entry
  }

  function toTheEnd(key: string, entry: Entry): void {
    all.delete(key)
    all.set(key, entry)
  }

  /** Changes what is kept of it, and counts its bytes anew. */
  function keep(key: string, entry: Entry, kept: Partial<Pick<Entry, 'record' | 'inDoubt'>>): void {
    bytes -= sizeOf(key, entry)
    Object.assign(entry, kept)
    bytes += sizeOf(key, entry)
  }

  return {
    get size() {
      return all.size
    },
    get changes() {
      return changes
    },
    get bytes() {
      return bytes
    },
    get since() {
      let oldest: number | undefined
      for (const { since } of all.values()) if (oldest === undefined || since < oldest) oldest = since
      return oldest
    },
    keys: () => [...all.keys()],
    get: (key) => all.get(key),
    hasRoomFor(key, record) {
      const entry = all.get(key)
      if (entry === undefined && all.size >= maxEntries) return false
      const more = record === undefined ? 0 : sizeOfRecord(record)
      return bytes + more + (entry === undefined ? sizeOf(key, undefined) : -sizeOfRecord(entry.record)) <= maxBytes
    },
    add(key, record) {
      const entry = entryFor(key, record.expiresAt)
      // The caller may use its buffer again.
      keep(key, entry, { record: { ...record, value: record.value.slice() } })
      entry.expiresAt = record.expiresAt
    },
    addDeadline(key, expiresAt) {
      const before = all.get(key)?.expiresAt ?? 0
      entryFor(key, expiresAt).expiresAt = Math.max(before, expiresAt)
    },
    sending(key, record) {
      const entry = all.get(key)
      if (entry === undefined) return
      keep(key, entry, { inDoubt: record ?? undefined })
      entry.later = { changes: 0, since: 0 }
    },
    copied(key, version, expiresAt) {
      const entry = all.get(key)
      if (entry === undefined) return
      const { later, record } = entry
      const hasRecord = record === undefined || record.version === version
      if (hasRecord && entry.expiresAt <= expiresAt) return remove(key)
      keep(key, entry, { record: hasRecord ? undefined : record, inDoubt: undefined })
      entry.later = undefined
      if (later === undefined) return
      const left = Math.max(later.changes, 1)
      changes -= entry.changes - left
      entry.changes = left
      if (later.changes > 0) entry.since = later.since
      toTheEnd(key, entry)
    },
    failed(key, mayBeThere) {
      const entry = all.get(key)
      if (entry === undefined) return
      if (!mayBeThere) keep(key, entry, { inDoubt: undefined })
      entry.later = undefined
      toTheEnd(key, entry)
    },
    remove,
  }
}

function sizeOf(key: string, entry: Entry | undefined): number {
  if (entry === undefined) return key.length + entryOverhead
  const { record, inDoubt } = entry
  return key.length + entryOverhead + sizeOfRecord(record) + (inDoubt?.version === record?.version ? 0 : sizeOfRecord(inDoubt))
}

function sizeOfRecord(record: StoredRecord | undefined): number {
  return record === undefined ? 0 : record.version.length + record.value.byteLength
}
