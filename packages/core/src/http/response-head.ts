import { validateHeaderValue, type ServerResponse } from 'node:http'
import { hasReason } from './either-response.ts'
import { coded } from './node-error.ts'

/** What the first line will say: settled when a handler sends the head, whatever it sets later. */
export interface ResponseHead {
  readonly status: number
  /** None over HTTP/2. */
  readonly message: string | undefined
  /** Through `writeHead`. Otherwise Node makes the head from the first chunk, and then knows the length of an answer in one piece. */
  readonly explicit: boolean
}

/** The head as it stands, for a handler that sends a body without `writeHead`. Throws what Node would. */
export function implicitHead(res: ServerResponse): ResponseHead {
  return { status: checkedStatus(res.statusCode), message: reasonOf(res), explicit: false }
}

/**
 * Takes what was given to `writeHead` (status, reason, headers as an object, a flat array or an array of pairs) over into
 * the response, where headers can be added to it: they replace those of the same name, and may repeat themselves, which
 * Node before 22 loses. Throws what Node would.
 */
export function mergeHead(res: ServerResponse, [status, second, third]: readonly unknown[]): ResponseHead {
  res.statusCode = checkedStatus(status)
  if (typeof second === 'string' && hasReason(res)) res.statusMessage = second
  const headers = third ?? (typeof second === 'string' ? undefined : second)
  if (Array.isArray(headers)) mergePairs(res, pairsOf(headers))
  else if (typeof headers === 'object' && headers !== null) {
    for (const [name, value] of Object.entries(headers)) if (name !== '') res.setHeader(name, value as string)
  }
  return { status: res.statusCode, message: reasonOf(res), explicit: true }
}

function mergePairs(res: ServerResponse, pairs: readonly (readonly [name: string, value: string])[]): void {
  for (const [name] of pairs) res.removeHeader(name)
  for (const [name, value] of pairs) res.appendHeader(name, value)
}

function pairsOf(headers: readonly unknown[]): [name: string, value: string][] {
  if (Array.isArray(headers[0])) return headers as [string, string][]
  if (headers.length % 2 !== 0)
    throw coded(TypeError, 'ERR_INVALID_ARG_VALUE', 'writeHead() was given a flat array of headers without the last value')
  return Array.from({ length: headers.length / 2 }, (_, index) => [headers[index * 2] as string, headers[index * 2 + 1] as string])
}

function reasonOf(res: ServerResponse): string | undefined {
  if (!hasReason(res)) return undefined
  const reason = res.statusMessage as string | undefined
  if (reason !== undefined) validateHeaderValue('reason', reason)
  return reason
}

function checkedStatus(status: unknown): number {
  const code = Math.trunc(Number(status))
  if (code >= 100 && code <= 999) return code
  throw coded(RangeError, 'ERR_HTTP_INVALID_STATUS_CODE', `Invalid status code: ${String(status)}`)
}
