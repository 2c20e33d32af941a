import type { IncomingMessage, ServerResponse } from 'node:http'
import { kindOf, optionError, sessionError, shown } from '../../errors.ts'
import type { SessionManager } from '../../session/manager.ts'
import { openedBy } from '../../session/opened-sessions.ts'
import type { UnitOfWork } from '../../session/unit-of-work.ts'
import { followUser, type UserPlace } from './follow-user.ts'
import { passportFace, type PassportCalls } from './passport-face.ts'

/** Options of `passportSession`. */
export interface PassportSessionOptions {
  /** Whose sessions passport is to work on, where there are several. Default: those of the last `sessionMiddleware` to run. */
  readonly sessions?: SessionManager<any> | undefined
  /**
   * The session's `subject`, from what `serializeUser` answered; undefined binds none, and then neither lists of a user's
   * sessions nor Nest's `SessionGuard` know of it. Default: the serialized user where it is a string or a number, or its
   * `id` where it is an object.
   */
  readonly subject?: ((serializedUser: any) => string | number | undefined) | undefined
  /** The top-level key of the data where passport keeps the user, if it was told another. Default `'passport'`. */
  readonly key?: string | undefined
}

/** Middleware of Express and its kin, and of Koa. */
export interface PassportSessionMiddleware {
  (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void): void
  (ctx: { readonly req: IncomingMessage }, next: () => Promise<unknown>): Promise<unknown>
}

/**
 * Puts the session on `req.session` as passport, @nestjs/passport and koa-passport know it, after `sessionMiddleware` and
 * before `passport.session()`: the data's keys on the session itself, with `regenerate`, `save`, `destroy` and callbacks.
 * A sign-in moves the session to a new token and binds its subject; a sign-out ends it.
 *
 * It loads the session, which asks the store for each request with a cookie: mount it where users matter.
 *
 * @throws `ERR_NO_MIDDLEWARE` where no `sessionMiddleware` ran, `ERR_UNAVAILABLE` when the store does not answer: through `next`
 * @example
 * app.use(sessionMiddleware(sessions), passportSession(), passport.session())
 * app.post('/sign-in', passport.authenticate('local', { successRedirect: '/', failureRedirect: '/sign-in' }))
 * app.post('/sign-out', (req, res, next) => req.logout((error) => (error ? next(error) : res.redirect('/'))))
 */
export function passportSession(options: PassportSessionOptions = {}): PassportSessionMiddleware {
  const { sessions, subject = plainSubject, key = 'passport' } = checked(options)
  const place: UserPlace = {
    key,
    subject(user) {
      const answer = subject(user)
      return typeof answer === 'number' ? String(answer) : answer
    },
  }

  return ((first: IncomingMessage | { readonly req: IncomingMessage }, second: ServerResponse | (() => Promise<unknown>), next?: Next) =>
    next === undefined
      ? prepare((first as { readonly req: IncomingMessage }).req, sessions, place).then(second as () => Promise<unknown>)
      : prepareBefore(first as IncomingMessage, sessions, place, next)) as PassportSessionMiddleware
}

type Next = (error?: unknown) => void

async function prepareBefore(req: IncomingMessage, sessions: SessionManager<any> | undefined, place: UserPlace, next: Next): Promise<void> {
  try {
    await prepare(req, sessions, place)
  } catch (error) {
    next(error)
    return
  }
  next()
}

interface Standing {
  face: object | undefined
  readonly key: string
}

// By session, so that it may be mounted twice.
const prepared = new WeakMap<object, Standing>()

async function prepare(
  req: IncomingMessage & { session?: unknown },
  sessions: SessionManager<any> | undefined,
  place: UserPlace,
): Promise<void> {
  const found = openedBy(req, sessions)
  if (found === undefined)
    throw sessionError(
      'ERR_NO_MIDDLEWARE',
      `passportSession() found no session${sessions === undefined ? '' : ' of this manager'}: put app.use(sessionMiddleware(sessions)) before it.`,
    )
  const known = prepared.get(found.opened)
  if (known !== undefined) {
    if (known.key !== place.key)
      throw optionError(
        'passportSession({ key })',
        JSON.stringify(place.key),
        `the key of the other passportSession() on this session, ${JSON.stringify(known.key)}: a session follows one user. Give the other passport a manager of its own`,
      )
    req.session = known.face
    return
  }
  const session = (await found.opened.load()) as UnitOfWork<any>
  const followed = followUser(session, place)
  const standing: Standing = { face: undefined, key: place.key }
  prepared.set(found.opened, standing)
  putUp({})

  function putUp(previous: object): void {
    const calls: PassportCalls = {
      session,
      async regenerate() {
        const { data } = session
        await followed.renew()
        pin(data)
        putUp(data)
      },
      save: () => followed.save(),
      async destroy() {
        await followed.destroy()
        req.session = standing.face = undefined
      },
    }
    const { face, pin } = passportFace(calls, previous)
    req.session = standing.face = face
  }
}

function plainSubject(user: unknown): string | number | undefined {
  const id: unknown = typeof user === 'object' && user !== null ? (user as { id?: unknown }).id : user
  return typeof id === 'string' || typeof id === 'number' ? id : undefined
}

function checked(options: PassportSessionOptions): PassportSessionOptions {
  if (typeof options !== 'object' || options === null)
    throw optionError('passportSession(options)', kindOf(options), 'an object of options')
  const { sessions, subject, key } = options
  if (sessions !== undefined && typeof (sessions as { open?: unknown } | null)?.open !== 'function')
    throw optionError('passportSession({ sessions })', kindOf(sessions), 'what createSessions() has made')
  if (subject !== undefined && typeof subject !== 'function')
    throw optionError('passportSession({ subject })', shown(subject), 'a function of the serialized user')
  if (key !== undefined && (typeof key !== 'string' || key === ''))
    throw optionError('passportSession({ key })', shown(key), 'a top-level key of the data')
  return options
}
