import type { Buffer } from 'node:buffer'
import { publish } from '../../../events.ts'
import type { GetOptions, StoredRecord } from '../../../record/store.ts'
import { codeOf, isErrorReply } from '../node/redis-errors.ts'
import type { RedisNode } from '../node/redis-node.ts'
import type { Topology } from '../topology/topology.ts'
import { hedgeBudget } from './hedge-budget.ts'
import { hedgeQueue, type Waiting } from './hedge-queue.ts'

export interface HedgedReadsOptions {
  readonly topology: Topology
  readonly readFrom: 'replica' | 'hedged'
  readonly hedgeAfter: number
  readonly maxReplicaAge: number
  /** Asks the primary, and waits for one while there is none and the answer is wanted: its answer is the answer. */
  readonly askPrimary: (key: string, options: GetOptions | undefined, isOver: () => boolean) => Promise<StoredRecord | null>
  /** What the bytes that a replica gave say; null for a record that is past its deadline. */
  readonly recordFrom: (bytes: Buffer | null) => StoredRecord | null
}

/**
 * Reads that do not wait for a server that is slow, silent or gone while another one has the record. The servers that may have it are asked
 * one after the other, each when the one before has not answered in time or has nothing that counts. The primary's answer always counts, a
 * replica's only if it is as new as asked for; that it has none never does.
 */
export function hedgedReads(options: HedgedReadsOptions): (key: string, options: GetOptions | undefined) => Promise<StoredRecord | null> {
  const { topology, readFrom, hedgeAfter, maxReplicaAge, askPrimary, recordFrom } = options
  const budget = hedgeBudget()
  const queue = hedgeQueue(hedgeAfter)
  let turn = 0

  /** The replicas that may be asked, those that are likelier to answer first; all that have a copy, where the primary does not answer. */
  function copies(key: string, primaryAnswers: boolean): RedisNode[] {
    const oldest = performance.now() - maxReplicaAge
    const able = topology.replicasFor(key).filter(({ link, holdsCopy, reads, replication }) => {
      if (!link.isReady || !holdsCopy || (reads.state !== 'closed' && !reads.allows())) return false
      return !primaryAnswers || (replication !== undefined && replication.isLinked && replication.heardAt >= oldest)
    })
    if (able.length < 2) return able
    turn = (turn + 1) % able.length
    const inTurn = [...able.slice(turn), ...able.slice(0, turn)]
    return inTurn.some(({ link }) => link.replies.isSuspect)
      ? inTurn.toSorted((one, other) => Number(one.link.replies.isSuspect) - Number(other.link.replies.isSuspect))
      : inTurn
  }

  async function askCopy(node: RedisNode, key: string): Promise<StoredRecord | null> {
    const { replies, client } = node.link
    replies.expect()
    let bytes: Buffer | null
    try {
      bytes = await client.getBuffer(key)
    } catch (error) {
      if (isErrorReply(error)) {
        replies.heard()
        node.reads.failed(codeOf(error))
      } else replies.forget()
      throw error
    }
    replies.heard()
    node.reads.succeeded()
    return recordFrom(bytes)
  }

  return (key, getOptions) => {
    const primary = topology.primaryFor(key)
    const problem = problemOf(primary)
    const atLeast = getOptions?.atLeast
    budget.earn()

    return new Promise((resolve, reject) => {
      /** Undefined stands for the primary. */
      let sources: (RedisNode | undefined)[] | undefined
      let isSettled = false
      let hasCopyAnswered = false
      let pendingCopies = 0
      let pending = 0
      let failure: unknown
      let asked: RedisNode | undefined
      let answersBefore = 0
      const waiting: Waiting = { since: 0, late }

      if (problem === undefined && readFrom === 'hedged') askFirst(undefined)
      else {
        const able = copies(key, problem === undefined)
        sources = problem === undefined ? [...able.slice(0, 1), undefined, ...able.slice(1)] : [...able, undefined]
        if (problem !== undefined && able[0] !== undefined) reportHedge(primary, able[0], problem)
        askFirst(sources.shift())
      }

      function askFirst(source: RedisNode | undefined): void {
        ask(source)
        queue.add(waiting)
      }

      function ask(source: RedisNode | undefined): void {
        pending += 1
        asked = source ?? primary
        answersBefore = asked?.link.replies.answers ?? 0
        if (source === undefined) askPrimary(key, getOptions, () => isSettled).then(answered, failed)
        else {
          pendingCopies += 1
          askCopy(source, key).then(copyAnswered, copyFailed)
        }
      }

      function answered(record: StoredRecord | null): void {
        isSettled = true
        queue.remove(waiting)
        resolve(record)
      }

      function copyAnswered(record: StoredRecord | null): void {
        pendingCopies -= 1
        hasCopyAnswered = true
        if (record !== null && (atLeast === undefined || record.version >= atLeast)) answered(record)
        else notAnswered()
      }

      function copyFailed(): void {
        pendingCopies -= 1
        notAnswered()
      }

      function failed(error: unknown): void {
        failure = error
        notAnswered()
      }

      /** Nothing that counts: on to the next, at once. */
      function notAnswered(): void {
        pending -= 1
        if (!isSettled && !askNext() && pending === 0) {
          isSettled = true
          queue.remove(waiting)
          reject(failure as Error)
        }
      }

      function late(): void {
        if (isSettled) return
        const link = asked?.link
        const isSilent = link?.replies.answers === answersBefore
        // Until it answers promptly, which is tried now and then, it is not asked first.
        if (link !== undefined) link.replies.isSuspect = true
        const because = link === undefined || !link.isReady ? 'down' : isSilent ? 'silent' : 'slow'
        // Replicas that are told of a new primary cut their connections, and are there again a moment later.
        if (because === 'down' && !hasCopyAnswered && pendingCopies === 0 && sources?.length === 0) sources = copies(key, false)
        if (because === 'down' || budget.spend()) askNext(because)
        if (because === 'down' || (sources?.length ?? 0) > 0) queue.add(waiting)
      }

      /** False when there is nobody left to ask. */
      function askNext(because?: 'slow' | 'silent' | 'down'): boolean {
        sources ??= copies(key, problemOf(primary) === undefined)
        if (sources.length === 0) return false
        const source = sources.shift()
        if (because !== undefined) reportHedge(asked, source ?? primary, because)
        ask(source)
        return true
      }
    })
  }
}

/** Why a primary is not asked first. */
function problemOf(primary: RedisNode | undefined): 'slow' | 'down' | undefined {
  if (primary === undefined || !primary.link.isReady || primary.reads.state !== 'closed') return 'down'
  return primary.link.replies.isSuspect ? 'slow' : undefined
}

function reportHedge(node: RedisNode | undefined, instead: RedisNode | undefined, because: 'slow' | 'silent' | 'down'): void {
  publish('hedge', () => ({ node: node?.name ?? 'no primary', instead: instead?.name ?? 'no primary', because }))
}
