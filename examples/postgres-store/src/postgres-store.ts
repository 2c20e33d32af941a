import { sessionError, type SessionError, type SessionStore, type StoredRecord, type StoreOptions } from '@holdfast/core'
import type { Pool, QueryResult } from 'pg'

// #region statements
/** For your migrations. The fill factor leaves room in each page for the next version of a row: a renewal then touches no index. */
export const createTable = `
  create table if not exists holdfast_sessions (
    key        text primary key,
    version    text not null,
    expires_at timestamptz not null,
    value      bytea not null
  ) with (fillfactor = 70)`

// Deadlines are judged by one clock, the database's. A row past its deadline is none, deleted or not.
const select = 'select version, expires_at, value from holdfast_sessions where key = $1 and expires_at > now()'
const insert = `
  insert into holdfast_sessions as there (key, version, expires_at, value) values ($1, $2, $3, $4)
  on conflict (key) do update set version = $2, expires_at = $3, value = $4 where there.expires_at <= now()`
const update = `
  update holdfast_sessions set version = $2, expires_at = $3, value = $4
  where key = $1 and version = $5 and expires_at > now()`
const extend = `
  update holdfast_sessions set expires_at = greatest(expires_at, $2)
  where key = $1 and expires_at > now() and octet_length(value) > 0`
const remove = 'delete from holdfast_sessions where key = $1'
const sweep = 'delete from holdfast_sessions where expires_at <= now()'
// #endregion statements

export interface PostgresStore extends SessionStore {
  /** Deletes the rows past their deadline, and answers how many. Call it every few minutes. */
  sweep(): Promise<number>
}

/** Sessions in PostgreSQL. The pool stays yours: its options hold, and you end it, after the sessions. */
export function postgresStore({ pool }: { readonly pool: Pool }): PostgresStore {
  // Without any listener, an idle connection that is lost would end the process.
  if (pool.listenerCount('error') === 0) pool.on('error', ignore)

  // #region methods
  async function get(key: string, options?: StoreOptions): Promise<StoredRecord | null> {
    const { rows } = await run(pool, select, [key], options)
    const [row] = rows as { version: string; expires_at: Date; value: Buffer }[]
    return row === undefined ? null : { version: row.version, expiresAt: row.expires_at.getTime(), value: row.value }
  }

  return {
    get,
    async put(key, record, options) {
      const { expected, durability } = options
      if (typeof durability === 'object' && durability.replicas > 0)
        throw sessionError('ERR_NOT_DURABLE', `This store waits for no replicas, and ${durability.replicas} were asked for.`)
      const values = [key, record.version, new Date(record.expiresAt), record.value]
      const isFirst = expected === null
      const { rowCount } = await run(pool, isFirst ? insert : update, isFirst ? values : [...values, expected], options)
      if (rowCount === 1) return { stored: true }
      const current = await get(key, options)
      return current?.version === record.version ? { stored: true } : { stored: false, current }
    },
    touch: async (key, expiresAt, options) => (await run(pool, extend, [key, new Date(expiresAt)], options)).rowCount === 1,
    delete: async (key, options) => void (await run(pool, remove, [key], options)),
    sweep: async () => (await run(pool, sweep, [])).rowCount ?? 0,
  }
  // #endregion methods
}

// #region run
async function run(pool: Pool, text: string, values: unknown[], { signal }: StoreOptions = {}): Promise<QueryResult> {
  const client = await pool.connect().catch((error: unknown) => Promise.reject(failure(error, false)))
  if (signal?.aborted === true) {
    client.release()
    throw failure({ code: 'no connection was free in time' }, false)
  }
  const giveUp = (): void => void client.end()
  client.on('error', ignore)
  try {
    signal?.addEventListener('abort', giveUp)
    return await client.query(text, values)
  } catch (error) {
    throw failure(error, text !== select)
  } finally {
    signal?.removeEventListener('abort', giveUp)
    client.off('error', ignore)
    // One that was given up is closed: the next caller must not wait behind this statement.
    client.release(signal?.aborted)
  }
}

/** An error that PostgreSQL answers with has undone the statement; one of class 57P says that it ends the connection, and no more. */
function failure(error: unknown, mayBeApplied: boolean): SessionError {
  // The message and the detail may quote keys and values: only the code goes on.
  const { code = 'the connection was lost', severity } = error as { code?: string; severity?: string }
  if (!mayBeApplied || (severity !== undefined && !code.startsWith('57P')))
    return sessionError('ERR_UNAVAILABLE', `PostgreSQL cannot be asked (${code}).`)
  return sessionError('ERR_OUTCOME_UNKNOWN', `PostgreSQL did not answer (${code}). The change may have been applied.`)
}
// #endregion run

function ignore(): void {}
