import type { IncomingMessage, ServerResponse } from 'node:http'
import { checkAdapterOptions } from '../session/adapter-options.ts'
import type { SessionManager } from '../session/manager.ts'
import type { OpenSession } from '../session/open-session.ts'
import { attachSession, type AttachOptions } from './attach-session.ts'

/** Options of the connect-style middleware. */
export interface MiddlewareOptions extends AttachOptions {
  /** Loads before the handlers, and sets `req.session`: for those who migrate. Default false. */
  readonly eager?: boolean | undefined
}

/**
 * Connect-style middleware, for Express and its kin. It opens a session for each request and saves it before the answer's
 * first byte leaves; a request that never calls `getSession` costs no store call.
 *
 * @example
 * const app = express().use(sessionMiddleware(sessions))
 * app.get('/cart', async (req, res) => res.json((await getSession(req, sessions)).data.cart))
 */
export function sessionMiddleware<Data extends object>(
  sessions: SessionManager<Data>,
  options: MiddlewareOptions = {},
): (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void {
  checkAdapterOptions(sessions, options)
  const { eager = false, ...attach } = options
  return (req, res, next) => {
    const opened = attachSession(sessions, req, res, attach)
    if (eager) void loadFirst(opened, req, next)
    else next()
  }
}

async function loadFirst(opened: OpenSession<any>, req: IncomingMessage, next: (error?: unknown) => void): Promise<void> {
  try {
    Object.assign(req, { session: await opened.load() })
  } catch (error) {
    next(error)
    return
  }
  next()
}
