import { applyHeaders, belongsToAnswer, isSessionError, type SetHeaders } from '@holdfast/core'
import type { Context } from 'hono'

// The headers of each session that was saved: a request may pass several managers.
const saved = Symbol('holdfast.saved')

/** Puts a session's headers on the handlers' answer. */
export function addHeaders(c: Context, headers: SetHeaders): void {
  c.set(saved as never, [...savedHeaders(c), ...headers] as never)
  // A Response may be kept and answered again, to somebody else: a cookie goes on a copy. Other headers may go on the Response as it
  // stands, which spares @hono/node-server its slow path, unless it is immutable, as fetched ones and redirects are.
  if (!headers.some(([name]) => name === 'Set-Cookie') && tryToApply(headers, c.res.headers)) return
  const copy = new Response(c.res.body, c.res)
  applyHeaders(headers, copy.headers)
  replaceAnswer(c, copy)
}

/**
 * Takes the handlers' answer back after a commit that failed, so that nothing of it ends up on the error's: neither its
 * content nor where it led nor the cookies it set. What says nothing about the answer stays, such as CORS headers.
 */
export function withdrawAnswer(c: Context, error: unknown): void {
  const { body, headers: given } = c.res
  const headers = new Headers(given)
  for (const name of given.keys()) if (belongsToAnswer(name)) headers.delete(name)
  // Another manager's session, that was saved before this one failed, needs its cookie.
  applyHeaders(savedHeaders(c), headers)
  replaceAnswer(c, new Response(null, { headers }))
  // For an error handler that names no status of its own, lest it answer with the handler's.
  c.status(isSessionError(error) ? (error.status as 503) : 500)
  // Whoever feeds a stream learns that nobody reads it.
  body?.cancel().catch(() => {})
}

function savedHeaders(c: Context): SetHeaders {
  return (c.get(saved as never) as SetHeaders | undefined) ?? []
}

function tryToApply(headers: SetHeaders, to: Headers): boolean {
  try {
    applyHeaders(headers, to)
    return true
  } catch {
    return false
  }
}

// Hono would copy the old one's headers over.
function replaceAnswer(c: Context, response: Response): void {
  c.res = undefined
  c.res = response
}
