import { systemClock } from '../../clock.ts'
import { sessionError } from '../../errors.ts'
import { unpackRecord } from '../../record/pack.ts'
import type { PutResult, SessionStore, StoredRecord } from '../../record/store.ts'
import { callsOn } from './calls.ts'
import { borrowedConnection, ownConnection } from './connection.ts'
import type { RedisStoreOptions } from './redis-options.ts'
import { checkOptions } from './redis-options.ts'
import { compareAndSet, touchRecord } from './scripts.ts'

export type { RedisClient } from './redis-client.ts'
export type { RedisStoreOptions } from './redis-options.ts'

/**
 * Sessions in one Redis (6.2 or later) or Valkey, by ioredis 5 or 6.
 *
 * With `url` the store has one connection of its own, made at the first call and made again whenever it is lost. No call
 * waits in a queue behind a dead server: without a `signal`, a call gives up after 2 s without a connection; a server that
 * is connected but silent is dropped after some 400 ms. With `client` the connection is yours, and so are its bounds.
 *
 * Calls reject with `ERR_UNAVAILABLE` when nothing was changed, and with `ERR_OUTCOME_UNKNOWN` when a change may have
 * been applied. A clock over 5 s from that of Redis gives a process warning; over 5 min, every call rejects.
 *
 * @throws `ERR_OPTION` for options that are wrong; what may hold a password is not quoted
 * @example
 * const store = redisStore({ url: 'redis://localhost:6379' })
 *
 * @example
 * const store = redisStore({ client: new Redis({ host: 'localhost', maxRetriesPerRequest: 1 }) })
 */
export function redisStore(options: RedisStoreOptions = {}): SessionStore {
  const { prefix, client, address } = checkOptions(options)
  const connection = client === undefined ? ownConnection(address) : borrowedConnection(client)
  const call = callsOn(connection)
  return {
    get: (key, getOptions) => call('read', getOptions, (redis) => redis.getBuffer(prefix + key), liveRecord),
    put(key, record, putOptions) {
      const { expected, durability } = putOptions
      if (typeof durability === 'object' && durability.replicas > 0) {
        const words = `redisStore on one Redis waits for no replicas, and ${durability.replicas} were asked for.`
        return Promise.reject(sessionError('ERR_NOT_DURABLE', words))
      }
      return call('once', putOptions, (redis) => compareAndSet(redis, prefix + key, record, expected, clock.now()), putResult)
    },
    touch: (key, expiresAt, touchOptions) =>
      call('repeatable', touchOptions, (redis) => touchRecord(redis, prefix + key, expiresAt, clock.now()), asItIs),
    delete: (key, deleteOptions) => call('repeatable', deleteOptions, (redis) => redis.del(prefix + key), nothing),
    close: () => connection.close(),
  }
}

const clock = systemClock

function liveRecord(bytes: Uint8Array | null): StoredRecord | null {
  if (bytes === null) return null
  const record = unpackRecord(bytes)
  return record.expiresAt > clock.now() ? record : null
}

function putResult(reply: Awaited<ReturnType<typeof compareAndSet>>): PutResult {
  return reply.stored ? reply : { stored: false, current: reply.current === null ? null : unpackRecord(reply.current) }
}

function asItIs<T>(reply: T): T {
  return reply
}

function nothing(): void {}
