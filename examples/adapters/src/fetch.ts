// #region adapter
import { applyHeaders, isSessionError, type OpenSession, type SessionManager } from '@holdfast/core'

/**
 * Puts sessions under a Fetch handler: of Next, Bun, Deno, or any other server that asks `(request) => Promise<Response>`.
 * What it passes beside the request (`{ params }`, `env`) comes after `getSession`.
 */
export function withSession<Data extends object, Rest extends unknown[]>(
  sessions: SessionManager<Data>,
  handler: (request: Request, getSession: OpenSession<Data>['load'], ...rest: Rest) => Promise<Response>,
) {
  return async (request: Request, ...rest: Rest): Promise<Response> => {
    const opened = sessions.open(() => request.headers.get('cookie'), { secure: () => request.url.startsWith('https:') })
    const answer = await handler(request, opened.load, ...rest).catch(errorAnswer)
    return opened.commit().then((headers) => {
      // A copy, since an answer may be immutable, or kept and given to others too.
      const sent = headers.length === 0 ? answer : new Response(answer.body, answer)
      applyHeaders(headers, sent.headers)
      return sent
    }, errorAnswer)
  }
}

function errorAnswer(error: unknown): Response {
  if (!isSessionError(error)) console.error(error)
  return isSessionError(error) ? error.getResponse() : new Response('Internal Server Error', { status: 500 })
}
// #endregion adapter
