import { belongsToAnswer, isSessionError } from '@holdfast/core'
import type { ExtendableContext } from 'koa'

/**
 * Takes the handlers' answer back after a commit that failed, so that nothing of it ends up on the error's: neither its
 * content nor where it led nor the cookies it set. What says nothing about the answer stays, such as CORS headers.
 */
export function withdrawAnswer(ctx: ExtendableContext, error: unknown): void {
  const { res, body } = ctx
  for (const name of res.getHeaderNames()) if (belongsToAnswer(name)) res.removeHeader(name)
  ctx.body = undefined
  // For a middleware that names no status of its own, lest it answer with the handlers'.
  ctx.status = isSessionError(error) ? error.status : 500
  cancel(body)
}

// Whoever feeds a stream learns that nobody reads it. Koa itself destroys those of Node when the response has ended.
function cancel(body: unknown): void {
  const stream = body instanceof Response ? body.body : body
  if (stream instanceof ReadableStream) stream.cancel().catch(() => {})
}
