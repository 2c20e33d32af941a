import { systemClock } from '../../clock.ts'
import { sessionError } from '../../errors.ts'
import { unpackRecord } from '../../record/pack.ts'
import type { GetOptions, PutOptions, PutResult, SessionStore, StoredRecord } from '../../record/store.ts'
import { channelOf } from './announcements/announcement.ts'
import { announcements } from './announcements/announcements.ts'
import { callsTo, demoted } from './calls.ts'
import { confirmedPut } from './changes/confirmed-put.ts'
import { canListen } from './node/borrowed-subscription.ts'
import { asking } from './node/asking-client.ts'
import type { RedisClient } from './node/redis-client.ts'
import type { RedisNode } from './node/redis-node.ts'
import { compareAndSet, touchRecord, type CompareAndSetReply } from './node/scripts.ts'
import { hedgedReads } from './reads/hedged-reads.ts'
import { checkOptions, type RedisStoreOptions } from './redis-options.ts'
import type { Topology } from './topology/topology.ts'
import { topologyFor } from './topology/topology-for.ts'
import { waiters as newWaiters } from '../../waiting/waiters.ts'

export type { RedisClient } from './node/redis-client.ts'
export type { RedisStoreOptions } from './redis-options.ts'

/**
 * Sessions in Redis (6.2 or later) or Valkey, by ioredis 5 or 6: one server, a primary with replicas, what Sentinels watch, a Cluster, or
 * Amazon ElastiCache.
 *
 * The store has one connection of its own to each server, made at the first call and made again whenever it is lost. No call waits in a
 * queue behind a dead server: without a `signal`, a call gives up after 2 s without one; a server that is connected but silent is dropped
 * after some 400 ms. Where there are replicas, a read that is not answered soon goes to one of them, and a failover is followed as soon as
 * a replica says that it was promoted. With `client` the connection is yours, and so are its bounds.
 *
 * Where somebody listens with `onChange`, as near caches do, there is one connection more to each server that takes changes, from the first
 * call on. It tells `'lost'` when such a connection is lost, found silent, or there again, and when other servers take the changes. A
 * `client` that has no `duplicate()` cannot be listened to.
 *
 * Calls reject with `ERR_UNAVAILABLE` when nothing was changed, with `ERR_REFUSED` when Redis answers but takes no changes (it is out of
 * memory, say), with `ERR_OUTCOME_UNKNOWN` when a change may have been applied, and with `ERR_NOT_DURABLE` when fewer replicas than asked
 * confirmed it. A clock over 5 s from that of Redis gives a process warning; over 5 min, every call rejects.
 *
 * @throws `ERR_OPTION` for options that are wrong; what may hold a password is not quoted
 * @example
 * const store = redisStore({ url: 'redis://localhost:6379' })
 *
 * @example
 * const store = redisStore({ sentinels: ['redis://10.0.0.1', 'redis://10.0.0.2', 'redis://10.0.0.3'], name: 'mymaster' })
 *
 * @example
 * const store = redisStore({ url: 'rediss://primary.example:6379', replicas: ['rediss://reader.example:6379'], password: iamToken })
 *
 * @example
 * const store = redisStore({ client: new Redis({ host: 'localhost', maxRetriesPerRequest: 1 }) })
 */
export function redisStore(options: RedisStoreOptions = {}): SessionStore {
  const checked = checkOptions(options)
  const { prefix, place, announce, readFrom, hedgeAfter, maxReplicaAge } = checked
  const hasReplicas = place.kind === 'sentinel' || place.kind === 'cluster' || (place.kind === 'servers' && place.replicas.length > 0)
  let isClosed = false
  const waiters = newWaiters()
  const servers = topologyFor(checked, () => {
    waiters.wake()
    news.follow()
  })
  const news = announcements({ channel: announce ? channelOf(prefix) : undefined, primaries: servers.primaries })
  const canTell = announce && (place.kind !== 'client' || canListen(place.client))
  const topology: Topology = {
    ...servers,
    start() {
      servers.start()
      news.start()
    },
  }
  const call = callsTo({ topology, waiters, waitAtMost: place.kind === 'client' ? Infinity : 2_000, isClosed: () => isClosed })

  const askPrimary = (key: string, getOptions: GetOptions | undefined, isOver?: () => boolean): Promise<StoredRecord | null> =>
    call('read', key, getOptions, (redis) => redis.getBuffer(key), liveRecord, isOver)
  const read =
    hasReplicas && readFrom !== 'primary'
      ? hedgedReads({ topology, readFrom, hedgeAfter, maxReplicaAge, askPrimary, recordFrom: liveRecord })
      : askPrimary

  return {
    // Also where only the primary is read: after a failover it is a copy that may have been behind.
    answersFromCopies: hasReplicas,
    get: (key, getOptions) =>
      getOptions?.fresh === true || isClosed ? askPrimary(prefix + key, getOptions) : read(prefix + key, getOptions),
    put(key, record, putOptions) {
      const { durability = 'primary', expected } = putOptions
      const put = (redis: RedisClient, node: RedisNode, isConfirmed: boolean): Promise<PutResult> =>
        compareAndSet(redis, {
          key: prefix + key,
          record,
          expected,
          now: clock.now(),
          isConfirmed,
          announced: news.announcementOf(key),
        }).then((reply) => {
          if (reply.stored && reply.isRefusedChannel) news.notAnnounced(node.link.where)
          const result = putResult(reply)
          return isLess(result, putOptions) ? believed(result, node) : result
        })
      if (durability === 'primary' || (durability === 'replicated' && !hasReplicas))
        return call('once', prefix + key, putOptions, (redis, node) => put(redis, node, false), asItIs)
      if (!hasReplicas) {
        const words = `redisStore on one Redis waits for no replicas, and ${(durability as { replicas: number }).replicas} were asked for.`
        return Promise.reject(sessionError('ERR_NOT_DURABLE', words))
      }
      const confirmed = (node: RedisNode, isAsking: boolean): Promise<PutResult> =>
        confirmedPut(node, (redis) => put(isAsking ? asking(redis) : redis, node, true), {
          durability,
          options: putOptions,
          replicas: () => topology.replicasFor(prefix + key),
        })
      return call('confirmed', prefix + key, putOptions, (_, node, isAsking) => confirmed(node, isAsking), asItIs)
    },
    touch: (key, expiresAt, touchOptions) =>
      call('repeatable', prefix + key, touchOptions, (redis) => touchRecord(redis, prefix + key, expiresAt, clock.now()), asItIs),
    delete: (key, deleteOptions) => call('repeatable', prefix + key, deleteOptions, (redis) => redis.del(prefix + key), nothing),
    ...(canTell ? { onChange: news.onChange } : {}),
    async close() {
      isClosed = true
      waiters.wake()
      await Promise.all([news.close(), topology.close()])
    },
  }
}

const clock = systemClock

function liveRecord(bytes: Uint8Array | null): StoredRecord | null {
  if (bytes === null) return null
  const record = unpackRecord(bytes)
  return record.expiresAt > clock.now() ? record : null
}

function putResult(reply: CompareAndSetReply): PutResult {
  return reply.stored ? { stored: true } : { stored: false, current: reply.current === null ? null : unpackRecord(reply.current) }
}

/** Whether a server has less than was expected of it. */
function isLess(result: PutResult, { expected }: PutOptions): boolean {
  return !result.stored && expected !== null && (result.current === null || result.current.version < expected)
}

/** It may have become a replica under us, one that is behind: without a write there was nothing to refuse. So it is asked what it is. */
async function believed(result: PutResult, node: RedisNode): Promise<PutResult> {
  await node.look()
  if (node.replication?.role === 'replica') throw demoted()
  return result
}

function asItIs<T>(reply: T): T {
  return reply
}

function nothing(): void {}
