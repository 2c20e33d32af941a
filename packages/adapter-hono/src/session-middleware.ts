import { applyHeaders, type OpenSession, type SessionManager, type SetHeaders } from '@holdfast/core'
import type { Context, MiddlewareHandler } from 'hono'
import { placeOpened } from './opened.ts'
import type { EagerSessionEnv, SessionEnv } from './session-env.ts'

export interface MiddlewareOptions {
  /** Loads before the handlers, and sets `c.var.session`: for those who migrate. Default false. */
  readonly eager?: boolean | undefined
  /** Whether the browser speaks https, for `cookie: { secure: 'auto' }`. Default: whether the request's URL does. */
  readonly secure?: ((c: Context) => boolean) | undefined
}

/**
 * Opens a session for each request, and commits it before the answer leaves. A request that never calls `getSession`
 * costs no store call.
 *
 * @example
 * const app = new Hono().use(sessionMiddleware(sessions))
 * app.get('/', async (c) => c.json((await getSession(c)).data.cart))
 */
export function sessionMiddleware<Data extends object>(
  sessions: SessionManager<Data>,
  options: MiddlewareOptions & { readonly eager: true },
): MiddlewareHandler<EagerSessionEnv<Data>>
export function sessionMiddleware<Data extends object>(
  sessions: SessionManager<Data>,
  options?: MiddlewareOptions,
): MiddlewareHandler<SessionEnv<Data>>
export function sessionMiddleware<Data extends object>(
  sessions: SessionManager<Data>,
  { eager = false, secure = hasSecureUrl }: MiddlewareOptions = {},
): MiddlewareHandler {
  return async (c, next) => {
    const opened = sessions.open(() => cookieHeader(c), { secure: () => secure(c) })
    placeOpened(c, sessions, opened)
    if (eager) c.set('session', await opened.load())
    await next()
    if (opened.asked) await commit(c, opened)
  }
}

async function commit(c: Context, opened: OpenSession<any>): Promise<void> {
  let headers: SetHeaders
  try {
    headers = await opened.commit()
  } catch (error) {
    // The handler's answer is void, and none of its headers may end up on the error's.
    c.res = undefined
    throw error
  }
  setHeaders(c, headers)
  responseOf(c)?.once('close', () => opened.end())
}

// Through `c.res.headers`: `c.header()` after the handler would build the Response anew, and lose @hono/node-server's fast path.
function setHeaders(c: Context, headers: SetHeaders): void {
  try {
    applyHeaders(headers, c.res.headers)
  } catch {
    // The headers of a fetched or redirected Response are immutable.
    c.res = new Response(c.res.body, c.res)
    applyHeaders(headers, c.res.headers)
  }
}

/** What @hono/node-server puts on `c.env`; other runtimes have none of it. */
interface NodeBindings {
  readonly incoming?: { readonly headers?: { readonly cookie?: string } }
  readonly outgoing?: { once(event: 'close', listener: () => void): unknown }
}

// Node has parsed the header already; going through the Request would build all of its Headers.
function cookieHeader(c: Context): string | null | undefined {
  const headers = (c.env as NodeBindings | undefined)?.incoming?.headers
  return headers === undefined ? c.req.raw.headers.get('cookie') : headers.cookie
}

function responseOf(c: Context): NodeBindings['outgoing'] {
  return (c.env as NodeBindings | undefined)?.outgoing
}

function hasSecureUrl(c: Context): boolean {
  return c.req.url.startsWith('https:')
}
