import { emitWarning } from 'node:process'
import { sessionError } from '../../errors.ts'
import type { SessionStore, StoreOptions } from '../../record/store.ts'
import type { RingNode, RingNodeStatus, RingStore } from '../../resilience/ring/ring-options.ts'
import { noteUse } from '../../resilience/ring/node-presence.ts'
import { noteUseEvery, ring } from '../../resilience/ring/ring.ts'
import { discoverNodes, type DiscoveredNode } from './discovery/discover-nodes.ts'
import { checkOptions, type CheckedNode, type MemcachedNode, type MemcachedStoreOptions } from './memcached-options.ts'
import { memcachedServer, type MemcachedNodeStats, type MemcachedServer } from './node/memcached-node.ts'

export type { MemcachedNode, MemcachedStoreOptions } from './memcached-options.ts'
export type { MemcachedNodeStats } from './node/memcached-node.ts'
export type { MemcachedServerStats } from './node/server-stats.ts'

/** Sessions on servers of memcached, which can be changed while it is used. */
export interface MemcachedStore extends SessionStore {
  /**
   * From now on these are the servers. A session is found where it was for a while, and moves with its next change.
   *
   * @throws `ERR_OPTION` for what are no servers, and where `discover` finds them
   */
  setNodes(nodes: readonly MemcachedNode[]): void
  /** How the servers are, as far as is known: costs nothing. */
  nodes(): RingNodeStatus[]
  /** What each server says of itself, first of all how many sessions it has had to evict. Never rejects. */
  stats(): Promise<MemcachedNodeStats[]>
}

/**
 * Sessions in memcached (1.4 or later), by memjs 1.3: one server, several, or Amazon ElastiCache with nodes of its own (not Serverless,
 * which has no binary protocol).
 *
 * Memcached keeps nothing on disk and copies nothing. With one copy, a server that dies takes its share of the sessions with it; with
 * `copies: 2` on two servers or more, a server that dies, hangs or is restarted costs no session (see `ring` in `@holdfast/core/resilience`,
 * whose options all hold here).
 *
 * The store has one connection to each server, made at the first call and made again whenever it is lost, or answers what is no reply.
 * A call without a `signal` gives up after 2 s without a server; one that is connected but silent is dropped after some 400 ms.
 *
 * Calls reject with `ERR_UNAVAILABLE` when nothing was changed, with `ERR_REFUSED` when memcached takes no changes (its memory is full and
 * it may not evict), with `ERR_OUTCOME_UNKNOWN` when a change may have been applied, and with `ERR_TOO_LARGE` for what is over
 * `maxItemBytes`, which is never sent.
 *
 * @throws `ERR_OPTION` for options that are wrong; what may hold a password is not quoted
 * @example
 * const store = memcachedStore({ nodes: ['10.0.0.1:11211', '10.0.0.2:11211', '10.0.0.3:11211'], copies: 2 })
 *
 * @example
 * const store = memcachedStore({ discover: 'sessions.abc123.cfg.euw1.cache.amazonaws.com:11211', copies: 2 })
 * metrics.gauge('sessions.evicted', async () => (await store.stats()).map((node) => node.problem ?? node.evictions))
 */
export function memcachedStore(options: MemcachedStoreOptions = {}): MemcachedStore {
  const { nodes, discover, prefix, maxItemBytes, ring: ringOptions, checkNodes } = checkOptions(options)
  const servers = new Map<string, MemcachedServer>()
  /** What answers: one server, or a ring of them; none before they are discovered. */
  let answering: SessionStore | undefined
  let ringOfThem: RingStore | undefined
  let isClosed = false
  let noteUseAt = 0

  function ringNode(node: CheckedNode): RingNode {
    const { name, weight } = node
    const server =
      servers.get(name) ??
      memcachedServer(node, { prefix, maxItemBytes, hasOthers: () => ringOfThem !== undefined, closed: () => servers.delete(name) })
    servers.set(name, server)
    return { name, store: server.store, weight }
  }

  function use(next: readonly CheckedNode[]): void {
    const [first] = next as readonly [CheckedNode]
    const isOne = next.length === 1 && ringOptions.copies === 1 && discover === undefined
    if (isOne && ringOfThem === undefined && (servers.size === 0 || servers.has(first.name))) {
      answering = ringNode(first).store
      return
    }
    // What one server has had so far is to be found there for a while.
    const before = [...servers.values()].map(({ name, store }) => ({ name, store }))
    const isFirst = ringOfThem === undefined
    ringOfThem ??= ring(before.length > 0 ? before : next.map(ringNode), ringOptions)
    if (!isFirst || before.length > 0) ringOfThem.setNodes(next.map(ringNode))
    answering = ringOfThem
  }

  const discovery =
    discover &&
    discoverNodes({
      endpoint: discover.endpoint.place,
      tls: discover.endpoint.tls,
      every: discover.every,
      onNodes: (found) => use(found.map(withAccess)),
      onProblem: (problem) => emitWarning(problem, { type: 'HoldfastWarning', code: 'HOLDFAST_MEMCACHED_DISCOVERY' }),
    })
  if (discovery === undefined) use(nodes)

  /** Whoever may ask the endpoint may ask its nodes. */
  function withAccess({ name, host, port }: DiscoveredNode): CheckedNode {
    return { ...(discover?.endpoint as CheckedNode), name, place: { host, port }, weight: 1 }
  }

  /** Undefined until the servers have been discovered. */
  function known(): SessionStore | undefined {
    // A ring does it by itself.
    if (ringOfThem === undefined && answering !== undefined && !isClosed && performance.now() >= noteUseAt) {
      noteUseAt = performance.now() + noteUseEvery
      void noteUse(answering)
    }
    return answering
  }

  async function discovered(callOptions: StoreOptions | undefined): Promise<SessionStore> {
    await discovery?.ready(callOptions)
    if (answering === undefined) throw sessionError('ERR_UNAVAILABLE', 'The memcachedStore was closed. Make a new one to go on.')
    return answering
  }

  return {
    // One server always has the newest.
    answersFromCopies: ringOptions.copies > 1,
    get: (key, getOptions) => known()?.get(key, getOptions) ?? discovered(getOptions).then((store) => store.get(key, getOptions)),
    put: (key, record, putOptions) =>
      known()?.put(key, record, putOptions) ?? discovered(putOptions).then((store) => store.put(key, record, putOptions)),
    touch: (key, expiresAt, touchOptions) =>
      known()?.touch(key, expiresAt, touchOptions) ?? discovered(touchOptions).then((store) => store.touch(key, expiresAt, touchOptions)),
    delete: (key, deleteOptions) =>
      known()?.delete(key, deleteOptions) ?? discovered(deleteOptions).then((store) => store.delete(key, deleteOptions)),
    setNodes(next) {
      const checked = checkNodes(next, 'setNodes(nodes)')
      if (discover !== undefined)
        throw sessionError('ERR_OPTION', 'setNodes was called where discover finds the nodes: give nodes instead.')
      if (isClosed) return
      use(checked)
    },
    nodes: () => ringOfThem?.nodes() ?? [...servers.values()].map((server) => server.status()),
    stats: () => Promise.all([...servers.values()].map((server) => server.stats())),
    async close() {
      isClosed = true
      discovery?.close()
      await answering?.close?.()
    },
  }
}
