import type { Buffer } from 'node:buffer'
import { unreadable } from './cluster-config.ts'

/** One way to ask a node for the configuration of its cluster. */
export interface ConfigQuestion {
  readonly command: string
  /** What the reply begins with where there is one. */
  readonly header: string
}

/** In the order in which they are asked: the command of engine 1.4.14 and later, and the key of those before. */
export const configQuestions: readonly ConfigQuestion[] = [
  { command: 'config get cluster', header: 'CONFIG cluster' },
  { command: 'get AmazonElastiCache:cluster', header: 'VALUE AmazonElastiCache:cluster' },
]

/** The longest text that is read, in bytes: 300 nodes with the longest names and addresses that there are. */
const mostBytes = 128 * 1024
const longestLine = 512
const lineEnd = '\r\n'
const end = '\r\nEND\r\n'

/**
 * The text that a node answers with; null where it has none or knows no such command; undefined until all has come. Nothing that was not
 * asked for may follow.
 *
 * @throws `ERR_UNAVAILABLE` for what is no reply to this question
 */
export function readConfigReply(received: Buffer, { header }: ConfigQuestion): string | null | undefined {
  const lineLength = received.indexOf(lineEnd)
  if (lineLength === -1 && received.length < longestLine) return undefined
  const line = received.toString('latin1', 0, lineLength)
  if (lineLength !== -1 && /^(END|ERROR|CLIENT_ERROR.*)$/.test(line)) return null
  const [, flags, digits] = line.startsWith(`${header} `) ? (line.slice(header.length).match(/^ (\d+) (\d{1,9})$/) ?? []) : []
  if (flags === undefined) throw unreadable(line.startsWith('SERVER_ERROR') ? 'the server has an error' : 'the reply is none of memcached')
  const length = Number(digits)
  if (length > mostBytes) throw unreadable(`it has more than ${mostBytes} bytes`)
  const from = lineLength + lineEnd.length
  const whole = from + length + end.length
  if (received.length < whole) return undefined
  if (received.length > whole || received.toString('latin1', from + length, whole) !== end)
    throw unreadable('it has another length than it says')
  return received.toString('latin1', from, from + length)
}
