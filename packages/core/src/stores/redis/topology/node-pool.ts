import { openNode, type OwnNode } from '../node/redis-node.ts'
import { nameOf, type Credentials, type RedisAddress } from '../redis-address.ts'

/** What servers that others name are reached and opened with. */
export interface NodePoolOptions {
  readonly credentials: Credentials
  readonly tls: RedisAddress['tls']
  readonly database: number
  readonly promptWithin: number
  readonly nat: ReadonlyMap<string, Pick<RedisAddress, 'host' | 'port'>>
  readonly changed: () => void
}

/** The servers that Sentinels or a Cluster name, each by `host:port`, with one connection. */
export interface NodePool {
  /** Opens it where it is not yet. */
  node(host: string, port: number): OwnNode
  all(): Iterable<OwnNode>
  /** Closes all others. */
  keep(nodes: ReadonlySet<OwnNode>): void
  close(): Promise<void>
}

export function nodePool({ credentials, tls, database, promptWithin, nat, changed }: NodePoolOptions): NodePool {
  const nodes = new Map<string, OwnNode>()
  let isClosed = false
  return {
    node(host, port) {
      const named = nameOf({ host, port })
      const place = nat.get(named) ?? { host, port }
      const name = nameOf(place)
      let node = nodes.get(name)
      if (node === undefined) {
        const address = { ...place, db: database, ...(tls === undefined ? {} : { tls }) }
        node = openNode({ address, credentials, promptWithin, changed })
        nodes.set(name, node)
        if (!isClosed) node.link.start()
      }
      return node
    },
    all: () => nodes.values(),
    keep(kept) {
      for (const [name, node] of nodes) {
        if (kept.has(node)) continue
        nodes.delete(name)
        // Calls that wait for it go elsewhere at once.
        node.link.drop('it is no longer one of the servers')
        void node.close()
      }
    },
    async close() {
      isClosed = true
      await Promise.all([...nodes.values()].map((node) => node.close()))
    },
  }
}
