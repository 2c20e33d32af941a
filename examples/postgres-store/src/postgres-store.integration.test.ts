import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import type { StoredRecord } from '@holdfast/core'
import { raceContract, storeContract } from '@holdfast/core/testing'
import { startPostgres } from '@holdfast/testbed'
import { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTable, postgresStore } from './postgres-store.ts'

const postgres = await startPostgres()
const pool = new Pool({ connectionString: postgres.url, max: 10, connectionTimeoutMillis: 5_000 })
beforeAll(() => pool.query(createTable))
afterAll(async () => {
  await pool.end()
  await postgres.stop()
})

const key = 'k'.repeat(43)
const first: StoredRecord = { version: '0000000001.k3Jd81Za', expiresAt: Date.now() + 3_600_000, value: Buffer.from('one') }
const second: StoredRecord = { ...first, version: '0000000002.Qm0aL2xY' }

// #region contract
storeContract({ describe, test }, () => postgresStore({ pool }))
raceContract({ describe, test }, () => postgresStore({ pool }))
// #endregion contract

test('the store takes under 100 lines', () => {
  const lines = readFileSync(new URL('postgres-store.ts', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
  expect(lines.length).toBeLessThan(100)
})

test('sweep deletes the rows past their deadline, and answers how many', async () => {
  const store = postgresStore({ pool })
  await pool.query('delete from holdfast_sessions')
  await store.put('live', first, { expected: null })
  await store.put('over', { ...first, expiresAt: Date.now() - 1_000 }, { expected: null })
  await store.put('long over', { ...first, expiresAt: 0 }, { expected: null })
  expect(await store.sweep()).toBe(2)
  expect(await store.sweep()).toBe(0)
  expect((await pool.query('select key from holdfast_sessions')).rows).toEqual([{ key: 'live' }])
})

describe('a database that does not answer', () => {
  test('a put that was sent is an unknown outcome, a get is unavailable; resumed, the same put is stored, and no connection is lost', async () => {
    const store = postgresStore({ pool })
    await store.put(key, first, { expected: null })
    postgres.pause()
    const calls = Array.from({ length: 10 }, (_, n) => {
      const signal = AbortSignal.timeout(200)
      return n === 0 ? store.put(key, second, { expected: first.version, signal }) : store.get(key, { signal })
    })
    const outcomes = await Promise.allSettled(calls)
    postgres.resume()
    const codes = outcomes.map((outcome) => outcome.status === 'rejected' && (outcome.reason as { code: string }).code)
    expect(new Set(codes)).toEqual(new Set(['ERR_OUTCOME_UNKNOWN', 'ERR_UNAVAILABLE']))

    expect(await store.put(key, second, { expected: first.version })).toEqual({ stored: true })
    expect((await store.get(key))?.version).toBe(second.version)
    await Promise.all(Array.from({ length: 50 }, () => store.get(key)))
    expect([pool.idleCount, pool.waitingCount]).toEqual([pool.totalCount, 0])
    await store.delete(key)
  })

  test('a call that waited for a connection until nobody waited for it sends nothing', async () => {
    const narrow = new Pool({ connectionString: postgres.url, max: 1 })
    const store = postgresStore({ pool: narrow })
    const busy = await narrow.connect()
    const controller = new AbortController()
    const late = store.put(key, first, { expected: null, signal: controller.signal })
    controller.abort()
    busy.release()
    await expect(late).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' })
    expect(await store.get(key)).toBeNull()
    await narrow.end()
  })

  test('no server there: unavailable at once, for a put too', async () => {
    const gone = new Pool({ host: '127.0.0.1', port: 1 })
    const store = postgresStore({ pool: gone })
    await expect(store.put(key, first, { expected: null })).rejects.toMatchObject({
      code: 'ERR_UNAVAILABLE',
      message: 'PostgreSQL cannot be asked (ECONNREFUSED).',
    })
    await gone.end()
  })

  test('a statement that PostgreSQL refuses has changed nothing, and its error quotes nothing', async () => {
    const readOnly = new Pool({ connectionString: postgres.url, options: '-c default_transaction_read_only=on' })
    const store = postgresStore({ pool: readOnly })
    const error = await store.put(key, first, { expected: null }).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'ERR_UNAVAILABLE', message: 'PostgreSQL cannot be asked (25006).' })
    expect(inspect(error, { depth: 10 })).not.toContain(key)
    await readOnly.end()
  })

  test('connections that the server ends are no end of the process: one under way is unknown, the next calls have new ones', async () => {
    const store = postgresStore({ pool })
    await store.put(key, first, { expected: null })
    const blocker = await pool.connect()
    await blocker.query('begin')
    await blocker.query('select from holdfast_sessions where key = $1 for update', [key])
    const blocked = store.put(key, second, { expected: first.version }).catch((error: unknown) => error)
    await until(async () => (await waiting(blocker)).length > 0)
    await blocker.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()",
    )
    expect(await blocked).toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN' })
    await blocker.query('rollback')
    blocker.release()
    expect((await store.get(key))?.version).toBe(first.version)
    await store.delete(key)
  })
})

async function waiting(client: Pick<Pool, 'query'>): Promise<unknown[]> {
  return (await client.query("select from pg_stat_activity where wait_event_type = 'Lock'")).rows
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo()));
}
