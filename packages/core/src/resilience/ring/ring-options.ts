import { days, seconds } from '../../duration.ts'
import { kindOf, optionError, shown } from '../../errors.ts'
import type { SessionStore } from '../../record/store.ts'

/** One of the stores that a ring is made of. */
export interface RingNode {
  /**
   * The same in every process and for as long as this node holds what it holds, such as `host:port`: by it the keys find their nodes.
   * Another name is another node.
   */
  readonly name: string
  readonly store: SessionStore
  /** Its share of the sessions beside those of the others: 2 for a node of twice the memory. Default 1. */
  readonly weight?: number | undefined
}

/** A node with its defaults. */
export interface CheckedRingNode extends RingNode {
  readonly weight: number
}

/** How a ring keeps sessions. */
export interface RingOptions {
  /** How many nodes have each session: with 2, a node that dies takes none with it. Default 1. */
  readonly copies?: number | undefined
  /**
   * How many of the copies a change waits for; the others get it behind the answer. Those whose node is away are never waited for.
   * Default as many as there are.
   */
  readonly write?: number | undefined
  /**
   * `'newest'`: all copies are asked, and the newest is the answer. `'first'`: only one of them, which saves the other questions and
   * may show what another one has had replaced since, until the next change. Default `'newest'`.
   */
  readonly read?: 'newest' | 'first' | undefined
  /**
   * What becomes of the sessions that only nodes have that are down. `'next'`: they are lost (outcome `missing`), and another node
   * takes new ones in their place. `'unavailable'`: they are waited for, with 503, until the node is back, or taken out by
   * `setNodes()`. Default `'next'`.
   */
  readonly onNodeDown?: 'next' | 'unavailable' | undefined
  /**
   * Milliseconds after which a read with an answer that counts no longer waits for the others. Default 10. Such a read can miss a change by
   * a process that could not reach one node, where the one that has it is slow just then; whoever made the change is kept from that by
   * the freshness cookie.
   */
  readonly hedgeAfter?: number | undefined
  /** Milliseconds that one node may take for one call. Default 80: 40 % of the engine's `operationTimeout`. */
  readonly nodeTimeout?: number | undefined
  /** A node that has answered nothing for so many milliseconds is down. Default 500. */
  readonly ejectAfter?: number | undefined
  /**
   * The longest that a session can live without being renewed, in milliseconds. For so long after a node was away or has come or
   * gone, the nodes that took or had its sessions are asked as well. Default 1 day, and more where records are seen that live longer.
   */
  readonly longestLifetime?: number | undefined
  /**
   * Milliseconds after which a node that has come, or come back, decides which of two changes at once was first: longer than it takes
   * until all processes know of it. Default 10 s.
   */
  readonly settleFor?: number | undefined
}

/** What a ring knows of one of its nodes. */
export interface RingNodeStatus {
  readonly name: string
  /** `leaving`: taken out by `setNodes()`, and asked for what it has for a while. */
  readonly state: 'up' | 'doubtful' | 'down' | 'leaving'
  /** Why it is not up. */
  readonly reason: string | undefined
  /** Records that wait for it to come back. */
  readonly handOff: number
}

/** A store over several nodes, which can be changed while it is used. */
export interface RingStore extends SessionStore {
  /**
   * From now on these are the nodes. Those whose names were there stay as they are, with their stores; those that are gone are asked
   * for what they have for a while, and then closed.
   *
   * @throws `ERR_OPTION` as `ring` does
   */
  setNodes(nodes: readonly RingNode[]): void
  /** Costs nothing: for a gauge or a page of the operators. */
  nodes(): RingNodeStatus[]
}

/** The options with their defaults. */
export interface CheckedRingOptions {
  readonly copies: number
  readonly write: number
  readonly read: 'newest' | 'first'
  readonly onNodeDown: 'next' | 'unavailable'
  readonly hedgeAfter: number
  readonly nodeTimeout: number
  readonly ejectAfter: number
  readonly longestLifetime: number
  readonly settleFor: number
}

const longestWait = 60_000

/** Throws `ERR_OPTION` for what is wrong, and names it as an option of `caller`. */
export function checkedRingOptions(options: RingOptions, caller = 'ring'): CheckedRingOptions {
  if (typeof options !== 'object' || options === null) throw optionError(`${caller}(options)`, kindOf(options), 'an object: { copies: 2 }')
  const { copies = 1, write = copies, read = 'newest', onNodeDown = 'next' } = options
  const { hedgeAfter = 10, nodeTimeout = 80, ejectAfter = 500, longestLifetime = days(1), settleFor = seconds(10) } = options
  const wrong = (option: string, given: unknown, takes: string): Error => optionError(`${caller}({ ${option} })`, shown(given), takes)
  if (!Number.isSafeInteger(copies) || copies < 1) throw wrong('copies', copies, 'a whole number, at least 1')
  if (!Number.isSafeInteger(write) || write < 1 || write > copies)
    throw wrong('write', write, `a whole number from 1 to copies (${copies})`)
  if (read !== 'newest' && read !== 'first') throw wrong('read', read, "'newest' or 'first'")
  if (onNodeDown !== 'next' && onNodeDown !== 'unavailable') throw wrong('onNodeDown', onNodeDown, "'next' or 'unavailable'")
  for (const [option, given] of Object.entries({ hedgeAfter, nodeTimeout, ejectAfter }))
    if (typeof given !== 'number' || !(given >= 1 && given <= longestWait))
      throw wrong(option, given, `milliseconds, from 1 to ${longestWait}`)
  for (const [option, given] of Object.entries({ longestLifetime, settleFor }))
    if (typeof given !== 'number' || !(given >= 0 && given < Infinity)) throw wrong(option, given, 'milliseconds')
  return { copies, write, read, onNodeDown, hedgeAfter, nodeTimeout, ejectAfter, longestLifetime, settleFor }
}

/** Throws `ERR_OPTION` for what are no nodes. */
export function checkedNodes(nodes: readonly RingNode[], caller = 'ring'): CheckedRingNode[] {
  const wrong = (given: string, takes: string): Error => optionError(`${caller}(nodes)`, given, takes)
  if (!Array.isArray(nodes) || nodes.length === 0)
    throw wrong(Array.isArray(nodes) ? 'empty' : kindOf(nodes), "an array: [{ name: 'a', store: redisStore(…) }, …]")
  const checked = nodes.map((node: RingNode) => {
    const { name, store, weight = 1 } = node ?? {}
    if (typeof name !== 'string' || name === '') throw wrong(`one with the name ${shown(name)}`, 'nodes with a name each')
    if (typeof store?.get !== 'function') throw wrong(`${shown(name)} with ${kindOf(store)} as its store`, 'nodes with a store each')
    if (typeof weight !== 'number' || !(weight > 0 && weight < Infinity))
      throw wrong(`${shown(name)} with the weight ${shown(weight)}`, 'weights above 0')
    return { name, store, weight }
  })
  if (new Set(checked.map(({ name }) => name)).size < checked.length) throw wrong('a list with a name twice', 'names that differ')
  return checked
}
