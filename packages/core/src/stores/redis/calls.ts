import { isSessionError, sessionError } from '../../errors.ts'
import type { StoreOptions } from '../../record/store.ts'
import { asking } from './node/asking-client.ts'
import { nobodyWatches } from '../../waiting/silence-watch.ts'
import type { Breaker } from './node/breaker.ts'
import { codeOf, isErrorReply, isFinalForChanges, isTrouble, replyErrorFrom, wasNeverSent } from './node/redis-errors.ts'
import type { RedisClient } from './node/redis-client.ts'
import type { RedisNode } from './node/redis-node.ts'
import type { Topology } from './topology/topology.ts'
import type { Waiters } from '../../waiting/waiters.ts'

/**
 * What may be done about a command whose answer did not come:
 * - `read`: it changes nothing, so it is sent again;
 * - `repeatable`: twice is the same as once, so it is sent again, but whether it was applied may stay unknown;
 * - `once`: the caller settles it, by sending the same put again;
 * - `confirmed`: the same, over a connection of its own.
 */
export type CallKind = 'read' | 'repeatable' | 'once' | 'confirmed'

/** Sends a command about a key to the server that is its primary, and answers what `read` makes of its reply. */
export type Call = <Reply, Answer>(
  kind: CallKind,
  key: string,
  options: StoreOptions | undefined,
  send: (client: RedisClient, node: RedisNode, isAsking: boolean) => Promise<Reply>,
  read: (reply: Reply) => Answer,
  /** Whether nobody wants the answer any more: then it is not sent again. */
  isOver?: () => boolean,
) => Promise<Answer>

/** Where calls go, and wait. */
export interface CallsOptions {
  readonly topology: Topology
  readonly waiters: Waiters
  /** Milliseconds that a call without a signal waits for a server. */
  readonly waitAtMost: number
  readonly isClosed: () => boolean
}

/** A connection that breaks under a call this often is not worth more. */
const mostAttempts = 4
/** Slots can be on the move more than once. */
const mostRedirections = 16

/** A `send` that has had to be told again which server is meant. */
class Demoted extends Error {
  override readonly name = 'ReplyError'
  override readonly message = 'READONLY'
}

/** What `send` throws where its answer shows that this server was no primary: nothing of the answer counts. */
export function demoted(): Error {
  return new Demoted()
}

/** Sends commands: waits for the server, sends again what may be, and gives every failure its meaning. */
export function callsTo({ topology, waiters, waitAtMost, isClosed }: CallsOptions): Call {
  return (kind, key, options, send, read, isOver) => {
    let attempt = 1
    let redirections = 0
    let mayBeApplied = false
    let until: number | undefined
    type Answer = ReturnType<typeof read>
    const isChange = kind !== 'read'
    const settlesLater = kind === 'once' || kind === 'confirmed'

    function ask(node: RedisNode, isAsking = false): Promise<Answer> {
      const guard = guardOf(node)
      const replies = kind === 'confirmed' ? nobodyWatches : node.link.replies
      replies.expect()
      const { client } = node.link
      return send(isAsking ? asking(client) : client, node, isAsking).then(
        (reply) => {
          replies.heard()
          guard.succeeded()
          // What a primary acknowledged that is being replaced may be lost with it.
          if (settlesLater && !topology.isPrimary(node)) throw outcomeUnknown()
          return read(reply)
        },
        (error: unknown) => {
          if (isErrorReply(error)) replies.heard()
          else replies.forget()
          if (isSessionError(error)) throw settled(error)
          return isErrorReply(error) ? refused(node, error) : lost(node, error)
        },
      )
    }

    /** It answered with an error, and has done nothing. */
    function refused(node: RedisNode, error: Error): Promise<Answer> {
      const code = codeOf(error)
      if ((code === 'MOVED' || code === 'ASK') && topology.redirect !== undefined && redirections++ < mostRedirections) {
        const other = topology.redirect(node, error.message)
        return code === 'ASK' ? askThere(other) : askOnceReady()
      }
      if (code === 'READONLY') {
        topology.doubt(node)
        if (attempt++ < mostAttempts) return askOnceReady()
      } else if (isTrouble(code)) guardOf(node).failed(code)
      return Promise.reject(settled(replyErrorFrom(node.link.where, code, isChange, error)))
    }

    /** Its answer did not come. */
    function lost(node: RedisNode, error: unknown): Promise<Answer> {
      const neverSent = wasNeverSent(error)
      const last = attempt++ === mostAttempts
      // What is confirmed has a connection of its own, which is not this one.
      if (neverSent && kind !== 'confirmed') node.link.broken()
      if (!neverSent) mayBeApplied ||= isChange
      const mayRepeat = neverSent || (!settlesLater && !node.link.isReady)
      if (mayRepeat && !last) return askOnceReady()
      return Promise.reject(settled(sessionError('ERR_UNAVAILABLE', `${node.link.where} did not answer: the connection was lost.`)))
    }

    function guardOf(node: RedisNode): Breaker {
      return isChange ? node.changes : node.reads
    }

    async function askOnceReady(): Promise<Answer> {
      topology.start()
      for (;;) {
        if (isClosed()) throw sessionError('ERR_UNAVAILABLE', 'The redisStore was closed. Make a new one to go on.')
        if (isOver?.() === true) throw sessionError('ERR_UNAVAILABLE', 'Another server has answered.')
        const node = topology.primaryFor(key)
        if (node?.link.isReady === true) {
          const guard = guardOf(node)
          if (guard.allows()) return ask(node)
          if (isChange && isFinalForChanges(guard.reason)) throw settled(replyErrorFrom(node.link.where, guard.reason as string, isChange))
        }
        const refusal = node?.link.refusal ?? (node?.link.hasEnded === true ? topology.problem(key) : undefined)
        if (refusal !== undefined) throw settled(sessionError('ERR_UNAVAILABLE', refusal))
        await somethingChanged()
      }
    }

    /** The slot is moving there, and this key has moved. */
    async function askThere(node: RedisNode): Promise<Answer> {
      while (!node.link.isReady) {
        // Closed, or moved on: from the beginning.
        if (isClosed() || node.link.hasEnded) return askOnceReady()
        await somethingChanged()
      }
      return ask(node, true)
    }

    async function somethingChanged(): Promise<void> {
      until ??= performance.now() + waitAtMost
      try {
        await waiters.wait(options, until, () => topology.problem(key))
      } catch (error) {
        throw settled(error)
      }
    }

    function settled(error: unknown): Error {
      return mayBeApplied ? outcomeUnknown() : (error as Error)
    }

    function outcomeUnknown(): Error {
      const { where } = topology.primaryFor(key)?.link ?? { where: 'Redis' }
      return sessionError('ERR_OUTCOME_UNKNOWN', `${where} did not answer: the connection was lost. The change may have been applied.`)
    }

    const node = isClosed() ? undefined : topology.primaryFor(key)
    return node?.link.isReady === true && guardOf(node).state === 'closed' ? ask(node) : askOnceReady()
  }
}
