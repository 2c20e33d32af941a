import type { Buffer } from 'node:buffer'
import type { GetOptions, StoredRecord } from '../../../record/store.ts'
import { codeOf, isErrorReply, isTrouble } from '../node/redis-errors.ts'
import type { RedisNode } from '../node/redis-node.ts'
import type { Topology } from '../topology/topology.ts'
import { hedgeBudget } from './hedge-budget.ts'
import { hedgeQueue } from '../../../waiting/hedge-queue.ts'
import { HedgedRead, problemOf, type HedgedReadParts } from './hedged-read.ts'

export interface HedgedReadsOptions {
  readonly topology: Topology
  readonly readFrom: 'replica' | 'hedged'
  readonly hedgeAfter: number
  readonly maxReplicaAge: number
  readonly askPrimary: HedgedReadParts['askPrimary']
  /** What the bytes that a replica gave say; null for a record that is past its deadline. */
  readonly recordFrom: (bytes: Buffer | null) => StoredRecord | null
}

/** Reads that do not wait for a server that is slow, silent or gone while another one has the record. */
export function hedgedReads(options: HedgedReadsOptions): (key: string, options: GetOptions | undefined) => Promise<StoredRecord | null> {
  const { topology, readFrom, hedgeAfter, maxReplicaAge, askPrimary, recordFrom } = options
  const parts: HedgedReadParts = { budget: hedgeBudget(), queue: hedgeQueue(hedgeAfter), copies, askCopy, askPrimary }
  let turn = 0

  function copies(key: string, primary: RedisNode | undefined, isPrimaryDown: boolean): RedisNode[] {
    const oldest = performance.now() - maxReplicaAge
    const history = primary?.replication?.history
    const copiesOfIt = topology.replicasFor(key).filter(({ link, holdsCopy, replication }) => {
      if (!link.isReady || !holdsCopy || replication === undefined) return false
      // One that still follows the primary before this one, or is on its way to this one, shows what has been changed since as it was.
      return history === undefined || replication.history === history
    })
    const most = Math.max(...copiesOfIt.map(({ replication }) => replication?.offset ?? 0))
    const able = copiesOfIt.filter(({ isFed, replication }) => {
      const { isLinked = false, heardAt = 0, offset = 0 } = replication ?? {}
      // One that has lost its primary will not get the rest: where another one has it, only that is asked.
      return isLinked ? isPrimaryDown || (isFed && heardAt >= oldest) : isPrimaryDown && offset >= most
    })
    if (able.length < 2) return able
    turn = (turn + 1) % able.length
    const inTurn = [...able.slice(turn), ...able.slice(0, turn)]
    const isDoubtful = ({ link, reads }: RedisNode): boolean => link.replies.isSuspect || reads.state !== 'closed'
    return [...inTurn.filter((node) => !isDoubtful(node)), ...inTurn.filter(isDoubtful)]
  }

  async function askCopy({ link, reads }: RedisNode, key: string): Promise<StoredRecord | null> {
    const { replies, client } = link
    replies.expect()
    let bytes: Buffer | null
    try {
      bytes = await client.getBuffer(key)
    } catch (error) {
      if (isErrorReply(error)) {
        replies.heard()
        const code = codeOf(error)
        if (isTrouble(code)) reads.failed(code)
      } else replies.forget()
      throw error
    }
    replies.heard()
    reads.succeeded()
    return recordFrom(bytes)
  }

  return (key, getOptions) =>
    new Promise((resolve, reject) => {
      parts.budget.earn()
      const primary = topology.primaryFor(key)
      const problem = problemOf(primary)
      const read = new HedgedRead(parts, key, getOptions, primary, resolve, reject)
      // One that refuses for now is tried now and then, or nobody would hear that it no longer does.
      const isTried = primary?.link.isReady === true && primary.reads.state !== 'closed' && primary.reads.isRested
      if (isTried || (problem === undefined && readFrom === 'hedged')) read.begin()
      else read.beginElsewhere(problem)
    })
}
