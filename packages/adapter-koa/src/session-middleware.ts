import { checkAdapterOptions, findOpened, type OpenSession, type Session, type SessionManager } from '@holdfast/core'
import { attachSession } from '@holdfast/core/node'
import type { Context, DefaultState, ExtendableContext, Middleware } from 'koa'
import { withdrawAnswer } from './answer.ts'
import type { EagerSessionContext, SessionContext } from './session-context.ts'

/** Options of the middleware for Koa. */
export interface MiddlewareOptions {
  /** Loads before the handlers, and sets `ctx.session`: for those who migrate. Default false. */
  readonly eager?: boolean | undefined
  /** Whether the browser speaks https, for `cookie: { secure: 'auto' }`. Default: `ctx.secure`, which believes a proxy where `app.proxy` is set. */
  readonly secure?: ((ctx: Context) => boolean) | undefined
  /**
   * Told when a session could not be saved and no middleware can be told any more: the handlers had thrown, or written to
   * `ctx.res` themselves. The client has been given 503, 409 or 500 in place of the answer. Default: emits the application's
   * `'error'` event.
   */
  readonly onCommitError?: ((error: unknown, ctx: Context) => unknown) | undefined
}

/**
 * Opens a session for each request, and saves it before the answer's first byte leaves: also when a handler threw, or answers
 * on `ctx.res` by itself. A request that never calls `getSession` costs no store call.
 *
 * A commit that fails is thrown to the middleware before this one, and in the end to Koa's error handling, which answers 503
 * with Retry-After.
 *
 * @throws `ERR_OPTION` for an option that it does not take
 * @example
 * const app = new Koa().use(sessionMiddleware(sessions))
 * app.use(async (ctx) => {
 *   ctx.body = (await getSession(ctx)).data.cart
 * })
 *
 * @example
 * // Behind a proxy that ends TLS, with cookie: { secure: 'auto' }
 * app.proxy = true
 */
export function sessionMiddleware<Data extends object>(
  sessions: SessionManager<Data>,
  options: MiddlewareOptions & { readonly eager: true },
): Middleware<DefaultState, EagerSessionContext<Data>>
export function sessionMiddleware<Data extends object>(
  sessions: SessionManager<Data>,
  options?: MiddlewareOptions,
): Middleware<DefaultState, SessionContext<Data>>
export function sessionMiddleware<Data extends object>(
  sessions: SessionManager<Data>,
  options: MiddlewareOptions = {},
): Middleware<DefaultState, any> {
  checkAdapterOptions(sessions, options)
  const { eager = false, secure = isSecure, onCommitError = emitError } = options
  // #region middleware
  return async (ctx: Context, next) => {
    // The application may have used this manager's middleware already, and a request has one session a manager.
    const isFirst = findOpened(ctx.req, sessions) === undefined
    const opened = attachSession(sessions, ctx.req, ctx.res, {
      secure: () => secure(ctx),
      onCommitError: async (error) => onCommitError(error, ctx),
    })
    if (eager) placeOnContext(ctx, await opened.load())
    await next()
    if (isFirst && opened.asked && isOurs(ctx)) await commit(ctx, opened)
  }
  // #endregion middleware
}

// Defined, not assigned: where koa-session is still there, `ctx.session` has a setter that would store the session in its own.
function placeOnContext(ctx: Context, session: Session<any>): void {
  Object.defineProperty(ctx, 'session', { value: session, configurable: true, enumerable: true, writable: true })
}

/** Whether Koa makes the answer from what stands on `ctx`. Otherwise its first byte, whenever that comes, commits. */
function isOurs(ctx: ExtendableContext): boolean {
  return ctx.respond !== false && !ctx.headerSent
}

// #region commit
async function commit(ctx: ExtendableContext, opened: OpenSession<any>): Promise<void> {
  try {
    // The headers leave with the first byte, whatever Koa or other middleware makes of the answer meanwhile.
    await opened.commit()
  } catch (error) {
    // A time-out may have answered meanwhile.
    if (!ctx.headerSent) withdrawAnswer(ctx, error)
    throw error
  }
}
// #endregion commit

function isSecure(ctx: ExtendableContext): boolean {
  return ctx.secure
}

function emitError(error: unknown, ctx: ExtendableContext): void {
  ctx.app.emit('error', error, ctx)
}
