import { isSessionError, sessionError } from '../../errors.ts'
import type { StoreOptions } from '../../record/store.ts'
import type { Connection } from './connection.ts'
import type { RedisClient } from './redis-client.ts'
import { isErrorReply, replyErrorFrom, wasNeverSent } from './redis-errors.ts'

/**
 * What may be done about a command whose answer did not come:
 * - `read`: it changes nothing, so it is sent again;
 * - `repeatable`: twice is the same as once, so it is sent again, but whether it was applied may stay unknown;
 * - `once`: the caller settles it, by sending the same put again.
 */
export type CallKind = 'read' | 'repeatable' | 'once'

export type Call = <T>(kind: CallKind, options: StoreOptions | undefined, send: (client: RedisClient) => Promise<T>) => Promise<T>

/** A connection that breaks under a call this often is not worth more. */
const mostAttempts = 4

/** Sends commands: waits for the connection, sends again what may be, and gives every failure its meaning. */
export function callsOn(connection: Connection): Call {
  const { client, readiness, where } = connection

  return async (kind, options, send) => {
    let mayBeApplied = false
    for (let attempt = 1; ; attempt += 1) {
      try {
        if (!readiness.isReady) await readiness.wait(options)
        return await connection.watched(send(client))
      } catch (error) {
        const last = attempt === mostAttempts
        if (isSessionError(error)) throw mayBeApplied ? outcomeUnknown() : error
        if (wasNeverSent(error) || connection.movesOnAfter(error)) {
          readiness.broken()
          if (!last) continue
        }
        if (isErrorReply(error)) throw mayBeApplied ? outcomeUnknown() : replyErrorFrom(where, error)
        if (!wasNeverSent(error)) mayBeApplied ||= kind !== 'read'
        if (kind !== 'once' && !last && !readiness.isReady) continue
        throw mayBeApplied ? outcomeUnknown() : sessionError('ERR_UNAVAILABLE', `${where} did not answer: the connection was lost.`)
      }
    }
  }

  function outcomeUnknown(): Error {
    return sessionError('ERR_OUTCOME_UNKNOWN', `${where} did not answer: the connection was lost. The change may have been applied.`)
  }
}
