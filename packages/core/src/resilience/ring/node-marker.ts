import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { days } from '../../duration.ts'
import { randomText } from '../../random.ts'
import { asBuffer } from '../../record/as-buffer.ts'
import type { StoredRecord } from '../../record/store.ts'
import { nextVersion } from '../../record/version.ts'

/**
 * A record that a ring keeps on each of its nodes, under a key of its own. By it a node that comes back is known for one that kept what
 * it had, and may be behind, or one that lost it, and has only what came since; and other processes learn when that was.
 */
export interface NodeMarker {
  /** The same for as long as the node keeps its memory. */
  readonly id: string
  /** Unix ms: when it came to a ring that held sessions before; 0 for a node that was there from the beginning. */
  readonly bornAt: number
  /** Unix ms: when the marker was made; 0 where what it marks was there before. */
  readonly madeAt: number
  /** Unix ms: when it was last back with its memory after it had been down; 0 if it never was. */
  readonly backAt: number
  /** Unix ms: when it was last taken out of its ring; 0 if it never was. */
  readonly leftAt: number
  /** Unix ms: when a ring last used it, to a minute: one whose others were used much later was away, whoever was there to see it. */
  readonly seenAt: number
}

/** Where it stands: of the form of a session's key, and no token's. */
export const markerKey = createHash('sha256').update('holdfast ring').digest('base64url')

/** Longer than any session: one that is gone only makes its node be asked less alone. */
const lifetime = days(3650)

export function newMarker(bornAt: number, madeAt = Date.now()): NodeMarker {
  return { id: randomText(9), bornAt, madeAt, backAt: 0, leftAt: 0, seenAt: Date.now() }
}

/** The record of a marker that takes the place of one of version `previous`. */
export function markerRecord(marker: NodeMarker, previous: string | null): StoredRecord {
  return { version: nextVersion(previous), expiresAt: Date.now() + lifetime, value: Buffer.from(JSON.stringify(marker)) }
}

/** Undefined for what is none. */
export function readMarker(record: StoredRecord | null): NodeMarker | undefined {
  if (record === null) return undefined
  try {
    const { id, ...instants } = JSON.parse(asBuffer(record.value).toString('utf8')) as NodeMarker
    const { bornAt, madeAt, backAt, leftAt, seenAt } = instants
    const isMarker = typeof id === 'string' && [bornAt, madeAt, backAt, leftAt, seenAt].every(Number.isFinite)
    return isMarker ? { id, bornAt, madeAt, backAt, leftAt, seenAt } : undefined
  } catch {
    return undefined
  }
}
