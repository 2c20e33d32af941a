// A session handler of one's own, on any database that can compare and set. Here: a table of rows.
import { isEnded, packRecord, unpackRecord, type PutResult, type SessionStore, type StoredRecord } from '@holdfast/core'

/** As much of a database as a store needs. */
export interface Table {
  select(key: string): Promise<{ revision: number; bytes: Uint8Array } | undefined>
  /** Writes the row if its revision is still this one (undefined: if there is no row); whether it did. */
  replace(key: string, revision: number | undefined, bytes: Uint8Array, expiresAt: number): Promise<boolean>
  remove(key: string): Promise<void>
}

export function tableStore(table: Table): SessionStore {
  async function find(key: string): Promise<{ revision: number | undefined; record: StoredRecord | null }> {
    const row = await table.select(key)
    if (row === undefined) return { revision: undefined, record: null }
    const record = unpackRecord(row.bytes)
    return { revision: row.revision, record: record.expiresAt > Date.now() ? record : null }
  }

  const write = (key: string, revision: number | undefined, record: StoredRecord): Promise<boolean> =>
    table.replace(key, revision, packRecord(record), record.expiresAt)

  async function put(key: string, record: StoredRecord, expected: string | null): Promise<PutResult> {
    const { revision, record: current } = await find(key)
    if (current?.version === record.version) return { stored: true }
    if ((current?.version ?? null) !== expected) return { stored: false, current }
    return (await write(key, revision, record)) ? { stored: true } : put(key, record, expected)
  }

  async function touch(key: string, expiresAt: number): Promise<boolean> {
    const { revision, record } = await find(key)
    if (record === null || isEnded(record)) return false
    if (record.expiresAt >= expiresAt) return true
    return (await write(key, revision, { ...record, expiresAt })) || touch(key, expiresAt)
  }

  return {
    get: async (key) => (await find(key)).record,
    put: (key, record, { expected }) => put(key, record, expected),
    touch,
    delete: (key) => table.remove(key),
  }
}
