import { STATUS_CODES, type OutgoingHttpHeaders, type ServerResponse } from 'node:http'
import { isSessionError } from '../errors.ts'
import { belongsToAnswer } from '../session/belongs-to-answer.ts'
import { hasReason } from './either-response.ts'

/** What is sent in place of an answer whose session could not be saved. */
export interface ErrorAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: string
}

/** The error's own answer (503 with `Retry-After`, 409, ...); 500 for what is none of ours. */
export async function errorAnswer(error: unknown): Promise<ErrorAnswer> {
  const response = isSessionError(error)
    ? error.getResponse()
    : new Response('Internal Server Error', { status: 500, headers: { 'Cache-Control': 'no-store' } })
  return { status: response.status, headers: response.headers, body: await response.text() }
}

/**
 * Puts the error's head in place of the handlers'. Of `before`, the headers that stood when the session was asked for, those
 * stay that speak for the server and not for the answer.
 */
export function replaceHead(res: ServerResponse, answer: ErrorAnswer, before: OutgoingHttpHeaders): void {
  for (const name of res.getHeaderNames()) res.removeHeader(name)
  for (const [name, value] of Object.entries(before)) if (value !== undefined && !belongsToAnswer(name)) res.setHeader(name, value)
  res.statusCode = answer.status
  if (hasReason(res)) res.statusMessage = STATUS_CODES[answer.status] ?? ''
  for (const [name, value] of answer.headers) res.setHeader(name, value)
}
