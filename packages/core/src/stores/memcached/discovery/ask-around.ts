import { randomInt } from 'node:crypto'
import { isSessionError } from '../../../errors.ts'
import { hasSameNodes, nodeName, type ClusterConfig, type ClusterNode } from './cluster-config.ts'
import { requestConfig, type ConfigRequest } from './config-request.ts'

/** Any server of the cluster, or its configuration endpoint. */
export type ClusterServer = Pick<ClusterNode, 'host' | 'port'>

/** What came of asking. */
export interface FoundConfig {
  /** What holds now. */
  readonly current: ClusterConfig | undefined
  /** Where nobody knew better: one of a lower version than was known before, with other nodes. */
  readonly older: ClusterConfig | undefined
  /** What was wrong with each that was asked before the one that knew, or with all. */
  readonly problems: readonly string[]
}

/**
 * Asks the endpoint for the configuration, and where that gives none, or an older one than is known, the known nodes one after the other:
 * each of them has it.
 */
export async function askAround(
  endpoint: ClusterServer,
  known: ClusterConfig | undefined,
  how: Omit<ConfigRequest, 'host' | 'port'>,
): Promise<FoundConfig> {
  const problems: string[] = []
  let older: ClusterConfig | undefined
  for (const { host, port } of [endpoint, ...othersThan(endpoint, known?.nodes ?? [])]) {
    if (how.signal.aborted) break
    try {
      const config = await requestConfig({ ...how, host, port })
      if (known === undefined || config.version >= known.version || hasSameNodes(config, known))
        return { current: config, older: undefined, problems }
      older ??= config
      problems.push(
        `${nodeName({ host, port })} has version ${config.version} of its cluster's nodes, where ${known.version} was seen before.`,
      )
    } catch (error) {
      problems.push(isSessionError(error) ? error.message : 'The nodes of the cluster could not be asked for.')
    }
  }
  return { current: undefined, older, problems }
}

/** From any of them on, so that not all processes ask the same one. */
function othersThan(endpoint: ClusterServer, nodes: readonly ClusterNode[]): ClusterServer[] {
  const others = nodes.filter((node) => nodeName(node) !== nodeName(endpoint))
  const first = others.length === 0 ? 0 : randomInt(others.length)
  return [...others.slice(first), ...others.slice(0, first)]
}
