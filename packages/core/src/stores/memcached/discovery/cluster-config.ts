import { isIP } from 'node:net'
import { sessionError } from '../../../errors.ts'

/** What a node of an ElastiCache cluster says about all of them. */
export interface ClusterConfig {
  /** One more each time that a node comes or goes. */
  readonly version: number
  /** At least one, none twice. */
  readonly nodes: readonly ClusterNode[]
}

export interface ClusterNode {
  /** A DNS name that stays while the address behind it may change. */
  readonly host: string
  /** Its address now, or empty where there is none yet. */
  readonly ip: string
  readonly port: number
}

const versionForm = /^\d{1,15}$/
const portForm = /^[1-9]\d{0,4}$/
const longestName = 253

/**
 * Reads the text of a cluster configuration: the version, a line feed, and the nodes as `host|ip|port`, with spaces between them.
 * Whole or not at all: half a list would move the sessions of the other half.
 *
 * The format is that of "Adding Auto Discovery to your Memcached client library", Output format, in the ElastiCache user guide:
 * https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoDiscovery.AddingToYourClientLibrary.html
 *
 * @throws `ERR_UNAVAILABLE` that says what is wrong with it and quotes nothing of it
 */
export function parseClusterConfig(text: string): ClusterConfig {
  const [version = '', nodeLine = '', ...rest] = text.trimEnd().split(/\r?\n/)
  if (!versionForm.test(version)) throw unreadable('its first line is no version')
  if (rest.length > 0) throw unreadable('it has more than two lines')
  const nodes = nodeLine.split(' ').filter(Boolean).map(parseNode)
  if (nodes.length === 0) throw unreadable('it names no node')
  if (new Set(nodes.map(nodeName)).size < nodes.length) throw unreadable('it names a node twice')
  return { version: Number(version), nodes }
}

/** What a node is called in the ring, the same in every process: `host:port`. */
export function nodeName({ host, port }: Pick<ClusterNode, 'host' | 'port'>): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** Whether they name the same nodes, in whatever order and wherever those are now. */
export function hasSameNodes(one: ClusterConfig, other: ClusterConfig): boolean {
  const names = new Set(one.nodes.map(nodeName))
  return names.size === other.nodes.length && other.nodes.every((node) => names.has(nodeName(node)))
}

function parseNode(entry: string, at: number): ClusterNode {
  const [host = '', ip = '', port = '', ...rest] = entry.split('|')
  const isNode = isHost(host) && (ip === '' || isIP(ip) !== 0) && portForm.test(port) && Number(port) <= 65_535
  if (!isNode || rest.length > 0) throw unreadable(`node ${at + 1} is not host|ip|port`)
  // One name in every list, whoever typed it.
  return { host: host.toLowerCase(), ip, port: Number(port) }
}

function isHost(host: string): boolean {
  return (/^[\w.-]+$/.test(host) && host.length <= longestName) || isIP(host) !== 0
}

/** What is wrong with a configuration, in words that quote nothing of it. */
export function unreadable(what: string): Error {
  return sessionError('ERR_UNAVAILABLE', `The cluster configuration cannot be read: ${what}.`)
}
