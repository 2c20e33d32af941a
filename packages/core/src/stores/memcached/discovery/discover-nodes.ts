import { randomInt } from 'node:crypto'
import type { ConnectionOptions } from 'node:tls'
import { minutes, seconds } from '../../../duration.ts'
import { sessionError } from '../../../errors.ts'
import type { StoreOptions } from '../../../record/store.ts'
import { waiters } from '../../../waiting/waiters.ts'
import { askAround, type ClusterServer } from './ask-around.ts'
import { hasSameNodes, nodeName, type ClusterConfig } from './cluster-config.ts'

/** Where a node is found. */
export interface DiscoveredNode {
  /** `host:port`, the same in every process and for as long as the node belongs to the cluster. */
  readonly name: string
  /** To be resolved on each connect: the address behind it changes when a node is replaced. */
  readonly host: string
  readonly port: number
}

export interface DiscoveryOptions {
  /** The configuration endpoint of the cluster, or any of its nodes. */
  readonly endpoint: ClusterServer
  /** With these, by TLS: the endpoint, and the nodes where they are asked in its place. */
  readonly tls?: ConnectionOptions | undefined
  /** Milliseconds from one look to the next, ± 10 % so that processes do not look together. Default 1 minute. */
  readonly every?: number | undefined
  /** Milliseconds that one server may take to answer. Default 1 s. */
  readonly timeout?: number | undefined
  /** Called with the first list and then with each that has other nodes, and never with none. What it throws counts as a failed look. */
  readonly onNodes: (nodes: readonly DiscoveredNode[]) => void
  /** Called when the endpoint has not told the nodes, in words for the operator; not again while those stay the same. */
  readonly onProblem?: ((problem: string) => void) | undefined
}

export interface Discovery {
  /** What was wrong with the last look, if anything was. */
  readonly problem: string | undefined
  /**
   * Resolves once there is a list. The first call begins to look and waits for that look, which `timeout` bounds; when it has failed, calls
   * reject at once until a later look, soon after, finds the list.
   *
   * @throws `ERR_UNAVAILABLE` with what is wrong
   */
  ready(options?: StoreOptions): Promise<void>
  /** Looks no more, and lets go of what is under way. */
  close(): void
}

/** How soon after a look that failed there is another, in milliseconds: doubled each time, up to the last. */
const [retryFirst, retryAtMost] = [100, seconds(5)]

/**
 * A version lower than one that was seen before is that of a node that has not heard yet (after its key was overwritten, "for a short
 * time (under 15 seconds)", says AutoDiscovery.AddingToYourClientLibrary), or of a cluster that was made anew under the same name. It is
 * believed when nobody knew better in so many looks in a row, so far apart, or `every` if that is less.
 */
const [looksInDoubt, doubtEvery] = [3, seconds(15)]

/**
 * Follows the nodes of an ElastiCache cluster for Memcached (Auto Discovery). The endpoint is asked every minute; when it does not
 * answer, the nodes known so far are, each of which knows all; when none does, the list stays what it was. In a store:
 *
 *     let nodes: RingStore | undefined
 *     const discovery = discoverNodes({
 *       endpoint,
 *       onNodes(found) {
 *         if (nodes === undefined) nodes = ring(found.map(asRingNode), options)
 *         else nodes.setNodes(found.map(asRingNode))
 *       },
 *     })
 *     // and in each call, before anything is sent:
 *     if (nodes === undefined) await discovery.ready(options)
 */
export function discoverNodes(options: DiscoveryOptions): Discovery {
  const { endpoint, tls, every = minutes(1), timeout = seconds(1), onNodes, onProblem } = options
  const waiting = waiters()
  const closing = new AbortController()
  const { signal } = closing
  let known: ClusterConfig | undefined
  let hasBegun = false
  let problem: string | undefined
  let failures = 0
  let doubts = 0
  let timer: NodeJS.Timeout | undefined

  async function look(): Promise<void> {
    const { current, older, problems } = await askAround(endpoint, known, { tls, timeout, signal })
    if (signal.aborted) return
    doubts = older === undefined ? 0 : doubts + 1
    const found = current ?? (doubts >= looksInDoubt ? older : undefined)
    const isTaken = found !== undefined && take(found)
    failures = isTaken ? 0 : failures + 1
    report(found === undefined || isTaken ? problems[0] : 'The nodes of the cluster could not be taken into use.')
    waiting.wake()
    const next = isTaken ? every : older === undefined ? retryAfter(failures) : doubtEvery
    timer = setTimeout(lookAgain, jittered(known === undefined ? next : Math.min(next, every))).unref()
  }

  function lookAgain(): void {
    void look()
  }

  /** Answers whether its nodes are in use now. */
  function take(config: ClusterConfig): boolean {
    const isNews = known === undefined || !hasSameNodes(config, known)
    try {
      if (isNews) onNodes(config.nodes.map((node) => ({ name: nodeName(node), host: node.host, port: node.port })))
    } catch {
      return false
    }
    if (isNews || known === undefined || config.version > known.version) known = config
    return true
  }

  function report(found: string | undefined): void {
    if (found !== undefined && found !== problem) onProblem?.(found)
    problem = found
  }

  function whyNot(): string {
    if (signal.aborted) return 'The memcachedStore was closed. Make a new one to go on.'
    return `The nodes of the Memcached cluster are not known yet. ${problem ?? `${nodeName(endpoint)} has not answered so far.`}`
  }

  return {
    get problem() {
      return problem
    },
    async ready(call) {
      if (!hasBegun && !signal.aborted) lookAgain()
      hasBegun = true
      if (known === undefined && failures === 0 && !signal.aborted) await waiting.wait(call, Infinity, whyNot)
      if (known === undefined || signal.aborted) throw sessionError('ERR_UNAVAILABLE', whyNot())
    },
    close() {
      closing.abort()
      clearTimeout(timer)
      waiting.wake()
    },
  }
}

function retryAfter(failures: number): number {
  return Math.min(retryFirst * 2 ** (failures - 1), retryAtMost)
}

/** ± 10 %. */
function jittered(milliseconds: number): number {
  return Math.round((milliseconds * (900 + randomInt(201))) / 1_000)
}
