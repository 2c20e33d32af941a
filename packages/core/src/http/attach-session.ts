import type { IncomingMessage, ServerResponse } from 'node:http'
import type { SessionManager } from '../session/manager.ts'
import type { OpenSession } from '../session/open-session.ts'
import { findOpened, placeOpened } from '../session/opened-sessions.ts'
import { AttachedSession } from './attached-session.ts'

/** What the gate of `node:http` cannot know by itself. */
export interface AttachOptions {
  /**
   * Whether the browser speaks https, for `cookie: { secure: 'auto' }`. Default: what Express (`req.secure`)
   * and Fastify (`req.protocol`) say, which know of trusted proxies, else whether the socket is encrypted.
   */
  readonly secure?: ((req: IncomingMessage) => boolean) | undefined
  /**
   * Told when the session of an answer could not be saved, or its headers not be sent: no handler can be told any more. The
   * client has been given 503, 409 or 500 in place of the answer. Default: `console.error`.
   */
  readonly onCommitError?: ((error: unknown, req: IncomingMessage) => unknown) | undefined
}

/**
 * Opens a session for one request of `node:http`. The store is asked at the first `load`, and not before; from then on the
 * answer's first byte waits until the session is saved. A session that is first asked for after the headers were sent takes
 * no changes: they throw `ERR_COMMITTED`.
 *
 * @example
 * createServer(async (req, res) => {
 *   const session = await attachSession(sessions, req, res).load()
 *   session.update((data) => { data.visits += 1 })
 *   res.end(`Visit ${session.data.visits}`)
 * })
 */
export function attachSession<Data extends object>(
  sessions: SessionManager<Data>,
  req: IncomingMessage,
  res: ServerResponse,
  { secure = isSecure, onCommitError = logError }: AttachOptions = {},
): OpenSession<Data> {
  // Mounted twice, one manager gives one session, or two would write each its cookie.
  const attached =
    findOpened(req, sessions) ??
    new AttachedSession(
      sessions.open(() => req.headers.cookie, { secure: () => secure(req), header: (name) => String(req.headers[name] ?? '') }),
      req,
      res,
      onCommitError,
    )
  placeOpened(req, sessions, attached)
  return attached
}

function isSecure(req: IncomingMessage): boolean {
  const { secure, protocol, socket } = req as IncomingMessage & {
    readonly secure?: boolean
    readonly protocol?: string
    readonly socket?: { readonly encrypted?: boolean }
  }
  return secure ?? (protocol === undefined ? (socket?.encrypted ?? false) : protocol === 'https')
}

function logError(error: unknown): void {
  console.error(error)
}
