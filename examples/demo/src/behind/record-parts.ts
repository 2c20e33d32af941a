import type { StoredRecord } from '@holdfast/core'
import type { ServerName } from '../servers/server-name.ts'
import type { Shop } from '../shop/shop.ts'

/** A session's record, taken apart to be shown. An application has no reason to look at it. */
export interface RecordParts {
  readonly version: string
  /** Unix ms until which the store keeps it. */
  readonly expiresAt: number
  readonly bytes: number
  readonly data: Shop
  /** The last versions, newest first. */
  readonly writes: readonly Write[]
}

export interface Write {
  /** The counter of its version. Undefined: of the session that this one took the place of, at the sign-in. */
  readonly counter: number | undefined
  /** The first characters of the random stamp that tells this write from any other. */
  readonly stamp: string
  readonly by: ServerName
  readonly did: string
}

/** Reads `1s <createdAt> <persistentUntil> <stamp>,<stamp>,… "<subject>"\n{…the data…}`: the last stamps belong to the last steps of the trail. */
export function recordParts({ version, expiresAt, value }: StoredRecord): RecordParts {
  const text = new TextDecoder().decode(value)
  const end = text.indexOf('\n')
  const data = JSON.parse(text.slice(end + 1)) as Shop
  const stamps = text.slice(0, end).split(' ')[3]?.split(',') ?? []
  const newest = Number.parseInt(version, 10)
  const writes = data.trail.toReversed().map(({ by, did }, age) => {
    const counter = newest - age
    return { counter: counter > 0 ? counter : undefined, stamp: stamps.at(-1 - age)?.slice(0, 4) ?? '', by, did }
  })
  return { version, expiresAt, bytes: value.byteLength, data, writes }
}
