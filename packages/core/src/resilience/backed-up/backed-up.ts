import { sessionError } from '../../errors.ts'
import { isEnded, type CloseOptions, type SessionStore } from '../../record/store.ts'
import { boundedStore } from '../../waiting/bounded-store.ts'
import { checkedBackedUpOptions, type BackedUpOptions } from './backed-up-options.ts'
import { copies as newCopies, mayHaveEnded } from './copies.ts'
import { copyBehind } from './copy-behind.ts'
import { here, type Pair } from './pair.ts'
import { put } from './put.ts'
import { isConfirmed, reads, satisfies } from './read.ts'
import { rounds } from './rounds.ts'
import { turns } from './turns.ts'
import { uncopied as newUncopied } from './uncopied.ts'

/** What is on this node only. */
export interface PendingChanges {
  /** Sessions with changes that the backup does not have yet. */
  readonly sessions: number
  /** The changes themselves, renewed deadlines too. */
  readonly changes: number
  /** What they take in memory, as far as it can be told. */
  readonly bytes: number
  /** For how long the oldest of them has waited, in milliseconds; 0: none waits. */
  readonly oldest: number
}

/** A local store with a backup. */
export interface BackedUpStore extends SessionStore {
  /** What a crash would lose now: for a gauge. */
  pending(): PendingChanges
  /**
   * For a node that is to leave, before its load balancer is told: from now on every change is in the backup before its answer, and this
   * resolves when all that waited is there too, so that whoever moves to another node finds what they had. Afterwards the node goes on until
   * `close()`.
   *
   * @param options `within`: milliseconds; default 5 s
   * @throws `ERR_UNAVAILABLE` when something could not be copied in that time
   */
  drain(options?: CloseOptions): Promise<void>
}

/** For so many milliseconds after the backup was silent nobody waits for it who has a local copy. */
const restAfterSilence = 500

/**
 * Sessions in a store of this node, and a backup of them in a shared one: for sticky sessions that outlive their node. A read of a session
 * that is here costs no network trip, and a plain change none before its answer.
 *
 * Plain changes are copied to the backup behind the answer, after `every` at the latest: a node that dies takes at most what was
 * changed in that time and one trip with it, while the backup answers. What signs somebody in or out, and every save with a
 * `durability`, is in the backup before the answer. A node that is taken out on purpose loses nothing: `drain()` before the load balancer is
 * told, and `close()`, which copies what waits, and rejects with `ERR_UNAVAILABLE` where that could not be done in time.
 *
 * On another node a session is found in the backup. A local copy is compared with it after `revalidate`, or as soon as the backup tells of a
 * change (`onChange`): by then a sign-out elsewhere is known here. Where two nodes have changed the same session at the same time the
 * one that is in the backup stays, and the event `fork` tells of the other one. While the backup does not answer, sessions that are here
 * live on, and the others are `ERR_UNAVAILABLE`.
 *
 * @throws `ERR_OPTION` for stores or options that are wrong
 * @example
 * const store = backedUp(memoryStore(), redisStore({ url: 'redis://localhost:6379' }), { every: seconds(1) })
 * metrics.gauge('sessions.pending', () => store.pending().changes)
 *
 * @example
 * process.once('SIGTERM', async () => {
 *   await store.drain()
 *   isHealthy = false // the load balancer notices, and sends nobody here any more
 *   await sleep(seconds(3))
 *   server.close(() => sessions.close({ within: seconds(5) }))
 * })
 */
export function backedUp(local: SessionStore, backup: SessionStore, options: BackedUpOptions = {}): BackedUpStore {
  const { revalidate, every, maxPending, maxPendingBytes, backupTimeout, maxEntries, clock } = checkedBackedUpOptions(
    local,
    backup,
    options,
  )
  const uncopied = newUncopied(maxPending, maxPendingBytes)
  const [ownTurns, lanes] = [turns(), turns()]
  const copies = newCopies(maxEntries, revalidate, (key) => uncopied.get(key) !== undefined || ownTurns.has(key) || lanes.has(key))
  let isLeaving = false
  let isSilent = false
  let silentUntil = 0
  let stopListening: (() => void) | undefined
  let closing: Promise<void> | undefined

  const bounded = boundedStore(backup, {
    timeout: backupTimeout,
    option: 'backupTimeout',
    name: 'The backup',
    answered: () => void (isSilent = false),
    failed({ code }) {
      if (code !== 'ERR_UNAVAILABLE' && code !== 'ERR_OUTCOME_UNKNOWN') return
      isSilent = true
      silentUntil = performance.now() + restAfterSilence
    },
  })

  /** Whether the backup need not be waited for; where it has to be tried again, one call does so for all. */
  function maySpare(): boolean {
    if (!isSilent) return false
    const now = performance.now()
    if (now < silentUntil) return true
    silentUntil = now + restAfterSilence
    return false
  }

  const pair: Pair = {
    local,
    backup: bounded,
    copies,
    uncopied,
    turns: ownTurns,
    lanes,
    clock,
    get writesThrough() {
      return isLeaving
    },
    due: () => copying.due(),
  }
  const copying = rounds(uncopied, { every, lateAfter: 5 * every + backupTimeout, copy: (key) => copyBehind(pair, key) })
  const { read } = reads(pair, ({ fresh }) => fresh === true || backup.answersFromCopies !== true, maySpare)

  /** Runs a call, unless it comes too late. The backup is listened to from the first one on. */
  function call<T>(run: () => Promise<T>): Promise<T> {
    if (closing !== undefined)
      return Promise.reject(sessionError('ERR_UNAVAILABLE', 'The backedUp store was closed. Make a new one to go on.'))
    stopListening ??= backup.onChange?.(copies.heard) ?? (() => {})
    return run()
  }

  async function touch(key: string, expiresAt: number): Promise<boolean> {
    if (!(await local.touch(key, expiresAt))) {
      const ours = await here(pair, key)
      if (ours === null) return bounded.touch(key, expiresAt)
      if (isEnded(ours)) return false
    }
    // Best effort: one that cannot wait is renewed in the backup by the next change.
    if (!uncopied.hasRoomFor(key)) return true
    uncopied.addDeadline(key, expiresAt)
    copying.due()
    return true
  }

  function remove(key: string): Promise<void> {
    const both = async (): Promise<void> => {
      uncopied.remove(key)
      copies.forget(key)
      await local.delete(key)
      await bounded.delete(key)
    }
    return pair.lanes.run(key, () => pair.turns.run(key, both))
  }

  /** Whatever began as a change to be copied later has come to where it waits. */
  async function settled(until: number): Promise<void> {
    while (pair.turns.isBusy && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 1))
  }

  function notCopied(before: string): Error {
    const { size: sessions, changes } = uncopied
    const words = `The backup did not take everything ${before}: ${changes} changes of ${sessions} sessions were on this node only.`
    return sessionError('ERR_UNAVAILABLE', words)
  }

  async function drain(within: number): Promise<void> {
    const until = performance.now() + within
    isLeaving = true
    await settled(until)
    await copying.all(until)
    if (uncopied.size > 0) throw notCopied('in time')
  }

  async function drainAndClose(within: number): Promise<void> {
    const until = performance.now() + within
    stopListening?.()
    await settled(until)
    await copying.drain(until)
    const rest = Math.max(until - performance.now(), 0)
    const lost = uncopied.size === 0 ? undefined : notCopied('before the store was closed')
    await Promise.allSettled([local.close?.({ within: rest }), backup.close?.({ within: rest })])
    if (lost !== undefined) throw lost
  }

  const store: BackedUpStore = {
    answersFromCopies: true,
    get(key, getOptions) {
      const copy = copies.find(key)
      if (copy === undefined || closing !== undefined || getOptions?.fresh === true || !isConfirmed(copy))
        return call(() => read(key, getOptions))
      return local.get(key).then((record) => (satisfies(record, getOptions) ? record : read(key, getOptions)))
    },
    put: (key, record, putOptions) => call(() => put(pair, key, record, putOptions, maySpare)),
    touch: (key, expiresAt) => call(() => touch(key, expiresAt)),
    delete: (key) => call(() => remove(key)),
    getStale: (key, getOptions) =>
      call(async () => {
        const record = mayHaveEnded(copies.of(key)) ? null : await here(pair, key)
        return satisfies(record, getOptions) ? record : null
      }),
    pending() {
      const { size: sessions, changes, bytes, since } = uncopied
      return { sessions, changes, bytes, oldest: since === undefined ? 0 : performance.now() - since }
    },
    drain: ({ within = defaultWithin } = {}) => call(() => drain(within)),
    close: ({ within = defaultWithin } = {}) => (closing ??= drainAndClose(within)),
  }
  if (backup.onChange !== undefined) store.onChange = (listener) => backup.onChange!(listener)
  return store
}

/** As the engine's. */
const defaultWithin = 5_000
