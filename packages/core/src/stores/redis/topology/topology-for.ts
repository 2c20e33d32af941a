import { borrowedLink } from '../node/borrowed-link.ts'
import { borrowedNode, openNode } from '../node/redis-node.ts'
import type { CheckedOptions } from '../redis-options.ts'
import type { RedisAddress } from '../redis-address.ts'
import { clusterServers } from './cluster.ts'
import { fixedServers, singleServer } from './fixed.ts'
import { sentinelServers } from './sentinel.ts'
import type { Topology } from './topology.ts'

/** The topology that the options ask for. `changed` is called when a call that waits may go on. */
export function topologyFor(options: CheckedOptions, changed: () => void): Topology {
  const { place, credentials, tls, nat, hedgeAfter: promptWithin, maxReplicaAge } = options
  const withTls = (address: RedisAddress): RedisAddress => (tls === undefined ? address : { ...address, tls })
  switch (place.kind) {
    case 'client':
      return singleServer(borrowedNode(borrowedLink(place.client, changed)))
    case 'servers': {
      const primary = withTls(place.primary)
      if (place.replicas.length === 0) return singleServer(openNode({ address: primary, credentials, promptWithin, changed }))
      return fixedServers({ primary, replicas: place.replicas.map(withTls), credentials, promptWithin, maxReplicaAge, changed })
    }
    case 'sentinel': {
      const { sentinels, name, database } = place
      return sentinelServers({ sentinels, name, database, credentials, tls, nat, promptWithin, maxReplicaAge, changed })
    }
    case 'cluster':
      return clusterServers({ seeds: place.seeds, credentials, tls, nat, promptWithin, maxReplicaAge, changed })
  }
}
