import { hasSubscribers } from 'node:diagnostics_channel'
import { channelName, checkAdapterOptions, findOpened, placeOpened, type OpenSession, type SessionManager } from '@holdfast/core'
import type { Context, MiddlewareHandler } from 'hono'
import { addHeaders, withdrawAnswer } from './answer.ts'
import type { EagerSessionEnv, SessionEnv } from './session-env.ts'

/** Options of the middleware for Hono. */
export interface MiddlewareOptions {
  /** Loads before the handlers, and sets `c.var.session`: for those who migrate. Default false. */
  readonly eager?: boolean | undefined
  /** Whether the browser speaks https, for `cookie: { secure: 'auto' }`. Default: whether the request's URL does. */
  readonly secure?: ((c: Context) => boolean) | undefined
}

/**
 * Opens a session for each request, and commits it before the answer leaves: also when a handler threw an Error. A
 * request that never calls `getSession` costs no store call. Put it before the middleware that makes answers of its
 * own, such as `etag()`: what they leave out is left out of the session's headers too.
 *
 * A commit that fails is thrown to the application's error handling, which answers 503 with Retry-After unless
 * `onError` says otherwise.
 *
 * @example
 * const app = new Hono().use(sessionMiddleware(sessions))
 * app.get('/', async (c) => c.json((await getSession(c)).data.cart))
 *
 * @example
 * // Behind a proxy that ends TLS, with cookie: { secure: 'auto' }
 * app.use(sessionMiddleware(sessions, { secure: (c) => c.req.header('x-forwarded-proto') === 'https' }))
 */
export function sessionMiddleware<Data extends object>(
  sessions: SessionManager<Data>,
  options: MiddlewareOptions & { readonly eager: true },
): MiddlewareHandler<EagerSessionEnv<Data>>
export function sessionMiddleware<Data extends object>(
  sessions: SessionManager<Data>,
  options?: MiddlewareOptions,
): MiddlewareHandler<SessionEnv<Data>>
export function sessionMiddleware<Data extends object>(sessions: SessionManager<Data>, options: MiddlewareOptions = {}): MiddlewareHandler {
  checkAdapterOptions(sessions, options)
  const { eager = false, secure = hasSecureUrl } = options
  return async (c, next) => {
    // The application may have used this manager's middleware already, and a request has one session a manager.
    const known = findOpened(c, sessions)
    const opened = known ?? open(c, sessions, secure)
    placeOpened(c, sessions, opened)
    if (eager) c.set('session', await opened.load())
    await next()
    if (known === undefined) await commit(c, opened)
  }
}

function open<Data extends object>(c: Context, sessions: SessionManager<Data>, secure: (c: Context) => boolean): OpenSession<Data> {
  const opened = sessions.open(
    () => {
      reportLateChanges(c, opened)
      return c.req.raw.headers.get('cookie')
    },
    { secure: () => secure(c), header: (name) => c.req.raw.headers.get(name) },
  )
  return opened
}

async function commit(c: Context, opened: OpenSession<any>): Promise<void> {
  if (!opened.asked) {
    // Answers nothing, and closes the session to a stream that asks for it only now.
    void opened.commit()
    return
  }
  try {
    addHeaders(c, await opened.commit())
  } catch (error) {
    withdrawAnswer(c, error)
    throw error
  }
}

const lateChange = channelName('late-change')

// @hono/node-server gives the ServerResponse; other runtimes do not tell when an answer has ended.
function reportLateChanges(c: Context, opened: OpenSession<any>): void {
  if (!hasSubscribers(lateChange)) return
  const { outgoing } = (c.env ?? {}) as { outgoing?: { once?(event: 'close', listener: () => void): unknown } }
  outgoing?.once?.('close', () => opened.end())
}

function hasSecureUrl(c: Context): boolean {
  return c.req.url.startsWith('https:')
}
