import { randomBytes } from 'node:crypto'
import type { StoredRecord } from '../record/store.ts'
import { nextVersion } from '../record/version.ts'

/** A record that follows the one of this version, for tests of stores; it lives for an hour. */
export function anyRecord(previous: string | null = null, text = 'a payload that nobody may read'): StoredRecord {
  return { version: nextVersion(previous), expiresAt: Date.now() + 3_600_000, value: Buffer.from(text) }
}

/** A key that nobody has used. */
export function anyKey(): string {
  return randomBytes(32).toString('base64url')
}
