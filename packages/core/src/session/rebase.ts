import { publish } from '../events.ts'
import { sessionError } from '../errors.ts'
import { decodeData, encodeData, equalBytes } from './data-bytes.ts'
import type { Draft } from './draft.ts'
import type { Engine } from './engine.ts'

/**
 * Carries this request's changes over to the data that another one has stored meanwhile (`theirs`): a three-way merge by
 * top-level keys for plain changes, a second run for each `update`. The data object stays the same object, unless it is frozen.
 *
 * @throws `ERR_CONFLICT` for an overlap on a guarded key, or on any with `onOverlap: 'fail'`.
 */
export function rebase<Data extends object>(engine: Engine<Data>, draft: Draft<Data>, theirs: Uint8Array): void {
  // What a handler changed while the commit was under way is a step too.
  draft.settleSteps()
  const merged = decodeData(engine, theirs)
  const theirChanges = changedKeys(engine, decodeData(engine, draft.envelope.data), merged)
  for (const step of draft.steps) {
    if ('update' in step) step.update(merged)
    else applyChanges(engine, draft.id, decodeData(engine, step.from), decodeData(engine, step.to), merged, theirChanges)
  }
  assertGuardedKept(engine, draft.id, decodeData(engine, theirs), merged, theirChanges)
  if (Object.isFrozen(draft.data)) draft.data = merged
  else replaceContents(draft.data, merged)
  draft.rebased()
}

function applyChanges<Data extends object>(
  engine: Engine<Data>,
  id: string,
  from: Data,
  to: Data,
  merged: Data,
  theirChanges: ReadonlySet<string>,
): void {
  for (const key of changedKeys(engine, from, to)) {
    if (theirChanges.has(key) && !equalAt(engine, key, to, merged)) overlap(engine, id, key)
    copyKey(key, to, merged)
  }
}

function overlap(engine: Engine<any>, id: string, key: string): void {
  const resolution = engine.onOverlap === 'fail' || engine.guarded.includes(key) ? 'fail' : 'last-wins'
  publish('overlap', () => ({ id, key, resolution }))
  if (resolution === 'fail') throw conflictOn(key)
}

// An update may have changed a guarded key as well.
function assertGuardedKept<Data extends object>(
  engine: Engine<Data>,
  id: string,
  theirs: Data,
  merged: Data,
  theirChanges: ReadonlySet<string>,
): void {
  for (const key of engine.guarded) {
    if (!theirChanges.has(key) || equalAt(engine, key, theirs, merged)) continue
    publish('overlap', () => ({ id, key, resolution: 'fail' }))
    throw conflictOn(key)
  }
}

function conflictOn(key: string): Error {
  return sessionError(
    'ERR_CONFLICT',
    `Another request changed session data at ${JSON.stringify(key)} too, and an overlap there fails (guarded, onOverlap). Load it again, or change it in update().`,
  )
}

function changedKeys<Data extends object>(engine: Engine<Data>, from: Data, to: Data): Set<string> {
  const keys = new Set([...Object.keys(from), ...Object.keys(to)])
  for (const key of keys) if (equalAt(engine, key, from, to)) keys.delete(key)
  return keys
}

// Compared as stored, whatever codec and however deep; what is plainly the same need not be encoded.
function equalAt<Data extends object>(engine: Engine<Data>, key: string, one: Data, other: Data): boolean {
  if (Object.hasOwn(one, key) && Object.hasOwn(other, key) && valueAt(one, key) === valueAt(other, key)) return true
  return equalBytes(encodeKey(engine, key, one), encodeKey(engine, key, other))
}

function encodeKey<Data extends object>(engine: Engine<Data>, key: string, data: Data): Uint8Array {
  return encodeData(engine, Object.hasOwn(data, key) ? { [key]: valueAt(data, key) } : {})
}

function valueAt(data: object, key: string): unknown {
  return (data as Record<string, unknown>)[key]
}

function replaceContents(target: object, source: object): void {
  for (const key of Object.keys(target)) if (!Object.hasOwn(source, key)) delete (target as Record<string, unknown>)[key]
  for (const key of Object.keys(source)) copyKey(key, source, target)
}

// Defined, not assigned: a key named __proto__ must not reach the prototype.
function copyKey(key: string, from: object, to: object): void {
  if (!Object.hasOwn(from, key)) delete (to as Record<string, unknown>)[key]
  else Object.defineProperty(to, key, { value: valueAt(from, key), configurable: true, enumerable: true, writable: true })
}
