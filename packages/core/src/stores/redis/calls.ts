import { sessionError } from '../../errors.ts'
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

/** Sends a command, and answers what `read` makes of its reply. */
export type Call = <Reply, Answer>(
  kind: CallKind,
  options: StoreOptions | undefined,
  send: (client: RedisClient) => Promise<Reply>,
  read: (reply: Reply) => Answer,
) => Promise<Answer>

/** A connection that breaks under a call this often is not worth more. */
const mostAttempts = 4

/** Sends commands: waits for the connection, sends again what may be, and gives every failure its meaning. */
export function callsOn(connection: Connection): Call {
  const { client, readiness, replies, where } = connection

  return (kind, options, send, read) => {
    let attempt = 1
    let mayBeApplied = false

    function ask(): Promise<ReturnType<typeof read>> {
      replies.expect()
      return send(client).then(heard, failed)
    }

    function heard(reply: Parameters<typeof read>[0]): ReturnType<typeof read> {
      replies.heard()
      return read(reply)
    }

    async function failed(error: unknown): Promise<ReturnType<typeof read>> {
      if (isErrorReply(error)) replies.heard()
      else replies.forget()
      const last = attempt++ === mostAttempts
      if (wasNeverSent(error) || connection.movesOnAfter(error)) {
        readiness.broken()
        if (!last) return askOnceReady()
      }
      if (isErrorReply(error)) throw mayBeApplied ? outcomeUnknown() : replyErrorFrom(where, error)
      if (!wasNeverSent(error)) mayBeApplied ||= kind !== 'read'
      if (kind !== 'once' && !last && !readiness.isReady) return askOnceReady()
      throw mayBeApplied ? outcomeUnknown() : sessionError('ERR_UNAVAILABLE', `${where} did not answer: the connection was lost.`)
    }

    async function askOnceReady(): Promise<ReturnType<typeof read>> {
      try {
        if (!readiness.isReady) await readiness.wait(options)
      } catch (error) {
        throw mayBeApplied ? outcomeUnknown() : error
      }
      return ask()
    }

    return readiness.isReady ? ask() : askOnceReady()
  }

  function outcomeUnknown(): Error {
    return sessionError('ERR_OUTCOME_UNKNOWN', `${where} did not answer: the connection was lost. The change may have been applied.`)
  }
}
