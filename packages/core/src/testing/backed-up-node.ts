import { encodeEnvelope } from '../record/envelope.ts'
import type { SessionStore, StoredRecord } from '../record/store.ts'
import { endedVersion, nextVersion, stampOf, type Successor } from '../record/version.ts'
import { memoryStore } from '../stores/memory/memory-store.ts'
import { faultyStore, type FaultyStore } from './faulty-store.ts'
import type { BackedUpOptions } from '../resilience/backed-up/backed-up-options.ts'
import { backedUp, type BackedUpStore } from '../resilience/backed-up/backed-up.ts'

/** One of the nodes that share a backup, for tests: its own memory, and its way to the backup. */
export interface BackedUpNode {
  readonly local: SessionStore
  readonly way: FaultyStore
  readonly store: BackedUpStore
  /** What the backup was asked since this was last called, in order. */
  asked(): string[]
}

const made: BackedUpNode[] = []

/** Lets all that is under way end, under fake timers too: what waits for an answer would otherwise wait in the next test as well. */
export async function allWell(pass: (milliseconds: number) => Promise<void>): Promise<void> {
  for (const { way } of made.splice(0)) way.fault = undefined
  // Not at the very moment of somebody's next try.
  await pass(5_300)
}

export function backedUpNode(backup: SessionStore, options: BackedUpOptions = {}, local: SessionStore = memoryStore()): BackedUpNode {
  const way = faultyStore(backup)
  const node = { local, way, store: backedUp(local, way, options), asked: () => way.calls.splice(0).map(({ method }) => method) }
  made.push(node)
  return node
}

/** A live record as the engine writes it, built on this one. */
export function liveOn(previous: StoredRecord | null, expiresAt: number = Date.now() + 3_600_000): StoredRecord {
  const version = nextVersion(previous?.version ?? null)
  const writes = [...(previous === null ? [] : (writesOf.get(previous.version) ?? [])), stampOf(version)].slice(-16)
  writesOf.set(version, writes)
  const envelope = { createdAt: Date.now(), subject: 'u1', persistentUntil: undefined, writes, data: new TextEncoder().encode('{}') }
  return { version, expiresAt, value: encodeEnvelope(envelope) }
}

const writesOf = new Map<string, readonly string[]>()

export function endOf(previous: StoredRecord, successor?: Successor): StoredRecord {
  return {
    version: endedVersion(previous.version, { endedAt: Date.now(), successor }),
    expiresAt: previous.expiresAt,
    value: new Uint8Array(),
  }
}
