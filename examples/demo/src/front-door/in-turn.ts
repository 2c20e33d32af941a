/** A server that the front door passes requests on to. */
export interface Upstream {
  readonly name: string
  /** Where it listens; undefined while it is gone. */
  readonly origin: string | undefined
}

/** Answers the next that is there, as a load balancer without affinity does; undefined when none is. */
export function inTurn<Server extends Upstream>(servers: readonly Server[]): () => Server | undefined {
  let last = -1
  return () => {
    for (let step = 1; step <= servers.length; step++) {
      const candidate = (last + step) % servers.length
      if (servers[candidate]?.origin === undefined) continue
      last = candidate
      return servers[candidate]
    }
    return undefined
  }
}
