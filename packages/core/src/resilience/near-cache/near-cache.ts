import { sessionError } from '../../errors.ts'
import { isEnded, type GetOptions, type PutResult, type SessionStore, type StoreChange, type StoredRecord } from '../../record/store.ts'
import { areForked, isEndedVersion } from '../../record/version.ts'
import { hedgeQueue } from '../../waiting/hedge-queue.ts'
import { copies, LocalRecord, recordOf, textOf, type Copy } from './copies.ts'
import { fill } from './fill.ts'
import { floors } from './floors.ts'
import { checkedNearCacheOptions, type NearCacheOptions } from './near-cache-options.ts'
import type { NearCacheStats } from './near-cache-stats.ts'

/** A store that keeps copies of what it reads. */
export interface NearCache extends SessionStore {
  /** Costs nothing: for a gauge. */
  stats(): NearCacheStats
}

/**
 * Copies of sessions in this process, in front of a store that all processes share: a warm read costs no network trip. Changes go to the
 * store as before, and nothing is kept here alone.
 *
 * Where the store tells what is changed elsewhere (`redisStore` does), a change or a sign-out by another process shows here as soon as that
 * is heard; where it does not, or what it told was lost, after `maxAge` at the latest. Whoever made the change reads no older than it on
 * any node, by the freshness cookie, and `load({ fresh: true })` goes past all copies.
 *
 * @throws `ERR_OPTION` for a store or options that are wrong
 * @example
 * const store = nearCache(redisStore({ url: 'redis://localhost:6379' }), { maxAge: seconds(10) })
 * createSessions({ store, onUnavailable: 'stale', ... })
 */
export function nearCache(store: SessionStore, options: NearCacheOptions = {}): NearCache {
  const { maxEntries, maxBytes, maxAge, maxStale, hedgeAfter, clock } = checkedNearCacheOptions(store, options)
  const known = copies(maxEntries, maxBytes)
  const heard = floors(maxEntries, maxAge)
  const queue = hedgeQueue(hedgeAfter)
  /** What was put from here. */
  const sent = new WeakSet<StoredRecord>()
  /** Counts what is learnt: of two things the one learnt later has the greater number. */
  let learnt = 0
  let hits = 0
  let misses = 0
  let emptied = 0
  let isClosed = false
  const stopListening = store.onChange?.(changed)

  function changed(change: StoreChange): void {
    learnt += 1
    if (change === 'lost') {
      emptied += 1
      heard.doubt(learnt)
      known.doubt()
    } else raise(change.key, change.version)
  }

  /** There is a record of this version, or may be. */
  function raise(key: string, version: string): void {
    heard.raise(key, version, learnt)
    const copy = known.get(key)
    if (copy === undefined || (copy.version >= version && !areForked(copy.version, version))) return
    // An ended session is nobody's, also for those who accept old copies.
    if (isEndedVersion(version)) known.delete(key)
    else copy.isCurrent = false
  }

  /** The authority has this record: said in answer to what was asked when so much had been learnt. */
  function keep(key: string, record: StoredRecord | null, askedAt: number, askedAs: number): void {
    const floor = heard.above(key, record?.version)
    const copy = known.get(key)
    const isNewer = copy === undefined || (record !== null && record.version >= copy.version && !areForked(record.version, copy.version))
    // One server of several may not have heard of an end yet: what it says is answered, and not kept.
    const isOutdated = floor !== undefined && (floor.learntAs > askedAs || isEndedVersion(floor.version))
    if (isOutdated || (!isNewer && copy.learntAs > askedAs) || heard.mayHaveMissed(askedAs)) {
      // It was there all the same.
      if (record !== null && floor === undefined) changed({ key, version: record.version })
      return
    }
    // Asked after the news of more, it has less: that was lost, and this is the truth.
    if (floor !== undefined) heard.remove(key)
    if (record === null) return known.delete(key)
    learnt += 1
    const { version, value } = record
    if (floor !== undefined) heard.raise(key, version, learnt)
    // Of one version the later deadline is the newer: the same put sent again has that of before a touch.
    const expiresAt = copy?.version === version ? Math.max(copy.expiresAt, record.expiresAt) : record.expiresAt
    known.set(key, { version, expiresAt, text: textOf(value), askedAt, learntAs: learnt, isCurrent: true })
  }

  function isAnswer(copy: Copy, atLeast: string | undefined): boolean {
    return copy.isCurrent && performance.now() < copy.askedAt + maxAge && isNoLess(copy, atLeast)
  }

  function isNoLess({ version, expiresAt }: Copy, atLeast: string | undefined): boolean {
    return expiresAt > clock.now() && (atLeast === undefined || (version >= atLeast && !areForked(version, atLeast)))
  }

  /** The copy, where it is an answer. */
  function hit(key: string, atLeast: string | undefined): Copy | undefined {
    const copy = isClosed ? undefined : known.use(key)
    if (copy === undefined || !isAnswer(copy, atLeast)) return undefined
    hits += 1
    return copy
  }

  function ask(key: string, getOptions: GetOptions | undefined): Promise<StoredRecord | null> {
    misses += 1
    let askedAt = performance.now()
    let askedAs = learnt
    return fill(store, key, getOptions, queue, {
      authority(record) {
        keep(key, record, askedAt, askedAs)
        const floor = heard.above(key, record?.version)
        if (floor === undefined || floor.learntAs <= askedAs) return { record }
        askedAt = performance.now()
        askedAs = learnt
        return undefined
      },
      mayServe(record) {
        if (heard.above(key, record?.version) !== undefined) return false
        const copy = known.get(key)
        // A replica may be behind by more than floors are kept.
        if (copy !== undefined && isEndedVersion(copy.version) && (record === null || !isEnded(record))) return false
        if (record !== null && (copy === undefined || record.version > copy.version)) changed({ key, version: record.version })
        return true
      },
    })
  }

  /** A change of ours, of which nobody knows what has become. */
  function mayHaveBeenPut(key: string, { version }: StoredRecord): void {
    learnt += 1
    heard.doubt(learnt)
    const copy = known.get(key)
    if (copy !== undefined) copy.isCurrent = false
    // Whoever wanted to sign out is not shown the session once more.
    if (isEndedVersion(version)) raise(key, version)
  }

  /** Runs a change, and takes note of what the store says to it. */
  async function put(key: string, record: StoredRecord, changing: Promise<PutResult>): Promise<PutResult> {
    const askedAt = performance.now()
    const askedAs = learnt
    let result: PutResult
    try {
      result = await changing
    } catch (error) {
      sent.add(record)
      mayHaveBeenPut(key, record)
      throw error
    }
    if (result.stored) changed({ key, version: record.version })
    // Sent once more it may have been there since, and a touch may have moved its deadline.
    const isRepeated = sent.has(record) && known.get(key)?.version !== record.version
    sent.add(record)
    if (!result.stored) keep(key, result.current, askedAt, askedAs)
    else if (!isRepeated) keep(key, record, askedAt, askedAs)
    return result
  }

  async function touch(key: string, expiresAt: number, touching: Promise<boolean>): Promise<boolean> {
    const isLive = await touching
    const copy = known.get(key)
    if (copy === undefined) return isLive
    if (!isLive) copy.isCurrent = false
    else if (copy.text !== '') copy.expiresAt = Math.max(copy.expiresAt, expiresAt)
    return isLive
  }

  function whenOpen<T>(run: () => Promise<T>): Promise<T> {
    return isClosed ? Promise.reject(sessionError('ERR_UNAVAILABLE', 'The nearCache was closed. Make a new one to go on.')) : run()
  }

  return {
    answersFromCopies: true,
    get: (key, getOptions) =>
      whenOpen(() => {
        const copy = getOptions?.fresh === true ? undefined : hit(key, getOptions?.atLeast)
        return copy === undefined ? ask(key, getOptions) : Promise.resolve(recordOf(copy))
      }),
    getLocal(key, getOptions) {
      const copy = hit(key, getOptions?.atLeast)
      return copy && new LocalRecord(copy)
    },
    put: (key, record, putOptions) => whenOpen(() => put(key, record, store.put(key, record, putOptions))),
    touch: (key, expiresAt, touchOptions) => whenOpen(() => touch(key, expiresAt, store.touch(key, expiresAt, touchOptions))),
    delete: (key, deleteOptions) =>
      whenOpen(() =>
        store.delete(key, deleteOptions).finally(() => {
          learnt += 1
          heard.doubt(learnt)
          known.delete(key)
        }),
      ),
    getStale: (key, { atLeast } = {}) =>
      whenOpen(async () => {
        const copy = known.get(key)
        const isOne = copy !== undefined && performance.now() < copy.askedAt + maxStale && isNoLess(copy, atLeast)
        return isOne ? recordOf(copy) : ((await store.getStale?.(key, { atLeast })) ?? null)
      }),
    ...(store.onChange === undefined ? {} : { onChange: store.onChange.bind(store) }),
    stats: () => ({ entries: known.size, bytes: known.bytes, hits, misses, emptied }),
    async close(closeOptions) {
      isClosed = true
      stopListening?.()
      known.clear()
      await store.close?.(closeOptions)
    },
  }
}
