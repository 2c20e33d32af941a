import { startFaultProxy, startRedis, type FaultProxy, type RedisServer } from '@holdfast/testbed'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { onSessionEvent } from '../../../events.ts'
import type { Durability, PutResult, SessionStore, StoredRecord } from '../../../record/store.ts'
import { anyKey, anyRecord } from '../../../testing/any-record.ts'
import { failureOf } from '../../../testing/failure-of.ts'
import { redisStore } from '../redis-store.ts'

const prompt = ['--repl-diskless-sync-delay', '0', '--repl-ping-replica-period', '1', '--repl-timeout', '60']

let primary: RedisServer
let replica: RedisServer
/** Between the two of them. */
let wire: FaultProxy
/** Between the store and the primary. */
let line: FaultProxy

beforeAll(async () => {
  primary = await startRedis({ args: prompt })
  wire = await startFaultProxy(primary)
  line = await startFaultProxy(primary)
  replica = await startRedis({ args: prompt, replicaOf: wire.url() })
})
beforeEach(async () => {
  await wire.heal()
  await line.heal()
  if (!replica.running) await replica.restart()
  await expect.poll(() => replica.command('ROLE'), { timeout: 15_000 }).toContain('connected')
  // It is told of changes, and has said so.
  await expect
    .poll(async () => String(await primary.command('INFO', 'replication')), { timeout: 15_000 })
    .toMatch(/state=online,offset=[1-9]\d*,lag=0/)
})
afterAll(async () => {
  await Promise.all([primary.close(), replica.close(), wire.close(), line.close()])
})

function open(): SessionStore {
  const store = redisStore({ url: line.url(), replicas: [replica.url] })
  onTestFinished(() => store.close?.())
  return store
}

function notReplicated(): unknown[] {
  const events: unknown[] = []
  onTestFinished(onSessionEvent('not-replicated', (event) => void events.push(event)))
  return events
}

const one: Durability = { replicas: 1, withinTimeout: 5_000 }

function putFirst(store: SessionStore, key: string, record: StoredRecord, durability: Durability): Promise<PutResult> {
  return store.put(key, record, { expected: null, durability })
}

describe("'replicated'", () => {
  test('is stored once the replica has it', async () => {
    const store = open()
    const events = notReplicated()
    for (let put = 0; put < 20; put += 1) {
      const [key, record] = [anyKey(), anyRecord()]
      expect(await putFirst(store, key, record, 'replicated')).toEqual({ stored: true })
      expect(String(await replica.command('GET', `holdfast:${key}`))).toContain(record.version)
    }
    expect(events).toEqual([])
  })

  test('of a replica that hangs: ERR_NOT_DURABLE while the primary believes in it, stored and reported afterwards', async () => {
    const store = open()
    const events = notReplicated()
    await putFirst(store, anyKey(), anyRecord(), 'replicated')
    replica.pause()
    onTestFinished(() => replica.resume())
    const [key, record] = [anyKey(), anyRecord()]
    expect(await failureOf(putFirst(store, key, record, 'replicated'))).toMatchObject({ code: 'ERR_NOT_DURABLE' })
    expect(await store.get(key)).toMatchObject({ version: record.version })
    expect(events).toEqual([])
    await expect
      .poll(() => putFirst(store, key, record, 'replicated').catch((error: { code: string }) => error.code), { timeout: 15_000 })
      .toEqual({ stored: true })
    expect(events).toEqual([{ node: `127.0.0.1:${line.port}` }])
  })

  test('of a replica that is dead: stored, and reported; a conflict is one all the same', async () => {
    const store = open()
    const events = notReplicated()
    const [key, record] = [anyKey(), anyRecord()]
    await putFirst(store, key, record, 'replicated')
    await replica.kill()
    const next = anyRecord(record.version)
    expect(await store.put(key, next, { expected: record.version, durability: 'replicated' })).toEqual({ stored: true })
    expect(events).toEqual([{ node: `127.0.0.1:${line.port}` }])
    expect(await putFirst(store, key, record, 'replicated')).toMatchObject({ stored: false, current: { version: next.version } })
  })
})

describe('a number of replicas', () => {
  test('more than there are: ERR_NOT_DURABLE, and the record is on the primary; the same put settles it', async () => {
    const store = open()
    const [key, record] = [anyKey(), anyRecord()]
    const error = await failureOf(putFirst(store, key, record, { replicas: 2, withinTimeout: 100 }))
    expect(error).toMatchObject({ code: 'ERR_NOT_DURABLE', message: expect.stringContaining('only 1 of the 2') })
    expect(String(await primary.command('GET', `holdfast:${key}`))).toContain(record.version)
    expect(await putFirst(store, key, record, one)).toEqual({ stored: true })
  })

  test('the same put again, once the replica is back, is stored and on the replica', async () => {
    const store = open()
    const [key, record] = [anyKey(), anyRecord()]
    await replica.kill()
    expect(await failureOf(putFirst(store, key, record, { replicas: 1, withinTimeout: 100 }))).toMatchObject({
      code: 'ERR_NOT_DURABLE',
      message: expect.stringContaining('no replica of the 1'),
    })
    await replica.restart()
    await expect.poll(() => putFirst(store, key, record, one).catch(() => 'not yet'), { timeout: 15_000 }).toEqual({ stored: true })
    expect(String(await replica.command('GET', `holdfast:${key}`))).toContain(record.version)
  })

  test('what is acknowledged is on the replica: 200 times, every second put stored before by an attempt whose answer was lost', async () => {
    const store = open()
    const copy = new Redis(replica.port)
    onTestFinished(() => copy.disconnect())
    // Whoever does not wait is found out.
    wire.delay(5)
    let cuts = 0
    for (let put = 0; put < 200; put += 1) {
      const [key, record] = [anyKey(), anyRecord()]
      if (put % 2 === 1) {
        // The script answers 1: stored.
        line.onReply((reply) => (String(reply) === ':1\r\n' ? 'cut' : 'pass'))
        expect(await failureOf(putFirst(store, key, record, one))).toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN' })
        line.onReply(undefined)
        cuts += 1
      }
      expect(await putFirst(store, key, record, one)).toEqual({ stored: true })
      expect(await copy.get(`holdfast:${key}`)).toContain(record.version)
    }
    expect(cuts).toBe(100)
  })

  test('many at once', async () => {
    const store = open()
    const copy = new Redis(replica.port)
    onTestFinished(() => copy.disconnect())
    wire.delay(5)
    const missing = await Promise.all(
      Array.from({ length: 100 }, async () => {
        const [key, record] = [anyKey(), anyRecord()]
        await putFirst(store, key, record, one)
        return (await copy.get(`holdfast:${key}`))?.includes(record.version) === true ? undefined : key
      }),
    )
    expect(missing.filter(Boolean)).toEqual([])
  })
})
