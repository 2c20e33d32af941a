import { Buffer } from 'node:buffer'
import { systemClock } from '../../../clock.ts'
import { sessionError } from '../../../errors.ts'
import { asBuffer } from '../../../record/as-buffer.ts'
import { packDeadline, packed, packRecord, unpackRecord } from '../../../record/pack.ts'
import { isEnded, type PutOptions, type PutResult, type SessionStore, type StoredRecord, type StoreOptions } from '../../../record/store.ts'
import type { Answer, Connection } from './connection.ts'
import { expirySeconds } from './expiry.ts'
import { knownItems } from './known-items.ts'
import type { Link } from './link.ts'
import { bareQuestion, opcodes, storing } from './questions.ts'
import { refusalFrom, statuses } from './statuses.ts'

export interface NodeStoreOptions {
  readonly link: Link
  readonly prefix: string
  /** Bytes that an item may have, as memcached counts them. */
  readonly maxItemBytes: number
}

/** An item that was found, and the record in it. */
interface Found {
  readonly record: StoredRecord
  readonly bytes: Buffer
  readonly cas: Buffer
  readonly from: Connection
}

/** What an item takes beside its key and its value: its head, the CAS, a zero, a line break. Measured on memcached 1.6.18. */
const itemOverhead = 59

/** What memcached takes as a key (`KEY_MAX_LENGTH`, and no spaces or control characters for the text protocol). */
const keyPattern = /^[\x21-\x7e]{1,250}$/

const clock = systemClock

/** Sessions on one server. */
export function nodeStore({ link, prefix, maxItemBytes }: NodeStoreOptions): SessionStore {
  const known = knownItems()

  async function look(key: string, options: StoreOptions | undefined): Promise<Found | null> {
    const answer = await link.ask('read', bareQuestion(opcodes.getk, key), options)
    const { status, value, cas, from } = answer
    if (status !== statuses.ok && status !== statuses.notFound) throw refusalFrom(link.where, status)
    if (answer.key.toString('latin1') !== key) throw mixedUp(answer)
    if (status === statuses.notFound) return null
    // All that keeps two changes apart.
    if (!hasCas(cas)) throw sessionError('ERR_UNAVAILABLE', `${link.where} keeps no CAS: start it without -C.`)
    const record = unpackRecord(value)
    known.set(key, { version: record.version, expiresAt: record.expiresAt, cas, from })
    return { record, bytes: value, cas, from }
  }

  /** Never another's session. */
  function mixedUp({ from }: Answer): Error {
    from.end('it answered with another key than was asked for')
    return sessionError('ERR_UNAVAILABLE', `${link.where} answered with another key than was asked for.`)
  }

  async function put(key: string, record: StoredRecord, options: PutOptions): Promise<PutResult> {
    const { expected } = options
    const bytes = asBuffer(packRecord(record))
    const size = itemOverhead + key.length + bytes.length
    if (size > maxItemBytes) throw tooLarge(size)

    /** Whether it is there now, in place of the item with this CAS, or of none. */
    async function write(cas?: Buffer): Promise<boolean> {
      const seconds = expirySeconds(record.expiresAt, clock.now())
      const question = storing(key, bytes, seconds, cas)
      const answer = await link.ask('once', question, options)
      const { status, from } = answer
      if (status === statuses.tooLarge) throw tooLarge(size)
      const isThere = status === statuses.ok
      if (!isThere && status !== statuses.exists && status !== statuses.notFound && status !== statuses.notStored)
        throw refusalFrom(link.where, status)
      if (isThere && hasCas(answer.cas)) known.set(key, { version: record.version, expiresAt: record.expiresAt, cas: answer.cas, from })
      else known.delete(key)
      return isThere
    }

    const last = expected === null || expected === record.version ? undefined : known.get(key)
    if (expected === null) {
      if (await write()) return stored
    } else if (last !== undefined && last.version === expected && last.from === link.current && last.expiresAt > clock.now()) {
      if (await write(last.cas)) return stored
    }
    for (;;) {
      const found = await look(key, options)
      const current = live(found)
      if (current?.version === record.version) return stored
      if ((current?.version ?? null) !== expected) return { stored: false, current }
      // A CAS of another connection is worth nothing: looked at again.
      if (found !== null && found.from !== link.current) continue
      // Nobody waits any more, and a change that comes late might be one that nobody expects.
      if (options.signal?.aborted === true) throw sessionError('ERR_UNAVAILABLE', `${link.where} did not answer in time.`)
      if (await write(found?.cas)) return stored
    }
  }

  async function touch(key: string, expiresAt: number, options: StoreOptions | undefined): Promise<boolean> {
    for (;;) {
      const found = await look(key, options)
      const current = live(found)
      if (found === null || current === null || isEnded(current)) return false
      if (expiresAt <= current.expiresAt) return true
      if (found.from !== link.current) continue
      if (options?.signal?.aborted === true) throw sessionError('ERR_UNAVAILABLE', `${link.where} did not answer in time.`)
      const bytes = Buffer.from(found.bytes)
      bytes.write(packDeadline(expiresAt), packed.deadlineOffset, 'latin1')
      const question = storing(key, bytes, expirySeconds(expiresAt, clock.now()), found.cas)
      const { status, cas, from } = await link.ask('once', question, options)
      if (status === statuses.ok) {
        known.set(key, { version: current.version, expiresAt, cas, from })
        return true
      }
      if (status !== statuses.exists && status !== statuses.notFound) throw refusalFrom(link.where, status)
    }
  }

  function tooLarge(size: number): Error {
    return sessionError(
      'ERR_TOO_LARGE',
      `A session of ${size} bytes is over what memcached takes as one item (${maxItemBytes}): raise its -I, and maxItemBytes with it.`,
    )
  }

  return {
    get: async (key, options) => live(await look(wireKey(prefix, key), options)),
    async put(key, record, options) {
      const { durability } = options
      if (typeof durability === 'object' && durability.replicas > 0)
        throw sessionError('ERR_NOT_DURABLE', `memcachedStore waits for no replicas, and ${durability.replicas} were asked for.`)
      return put(wireKey(prefix, key), record, options)
    },
    touch: async (key, expiresAt, options) => touch(wireKey(prefix, key), expiresAt, options),
    async delete(key, options) {
      const onWire = wireKey(prefix, key)
      known.delete(onWire)
      const { status } = await link.ask('repeatable', bareQuestion(opcodes.delete, onWire), options)
      if (status !== statuses.ok && status !== statuses.notFound) throw refusalFrom(link.where, status)
    },
    close: () => link.close(),
  }
}

function hasCas(cas: Buffer): boolean {
  return cas.readUInt32BE(0) !== 0 || cas.readUInt32BE(4) !== 0
}

const stored: PutResult = { stored: true }

/** memcached goes by whole seconds, the deadline in the record by milliseconds. */
function live(found: Found | null): StoredRecord | null {
  return found !== null && found.record.expiresAt > clock.now() ? found.record : null
}

/** What could be taken for a command of the text protocol, or would make memcached close the connection, never gets there. */
function wireKey(prefix: string, key: string): string {
  const whole = prefix + key
  if (key !== '' && keyPattern.test(whole)) return whole
  const found = whole.length > 250 ? `${whole.length} with its prefix` : key === '' ? 'none' : 'others too'
  throw sessionError('ERR_OPTION', `A key for memcached has 1 to 250 visible characters of ASCII, and this one has ${found}.`)
}
