/**
 * What can go wrong, as a closed union to switch on.
 *
 * | code | status | meaning |
 * |---|---|---|
 * | `ERR_OPTION` | 500 | an option is wrong; the message names it and what it takes |
 * | `ERR_NO_MIDDLEWARE` | 500 | the session was asked for where no session middleware ran |
 * | `ERR_UNAVAILABLE` | 503 | the store did not answer in time; nothing was changed |
 * | `ERR_REFUSED` | 503 | the store answers reads and refuses changes; nothing was changed |
 * | `ERR_OUTCOME_UNKNOWN` | 503 | the store may or may not have applied the change |
 * | `ERR_NOT_DURABLE` | 503 | fewer replicas than asked confirmed the change |
 * | `ERR_CONFLICT` | 409 | another request changed the same key, and the options say that this fails |
 * | `ERR_ENDED` | 401 | the session was ended meanwhile; nothing was saved |
 * | `ERR_COMMITTED` | 500 | the answer's commit has begun; a change comes too late |
 * | `ERR_TOO_LARGE` | 500 | the session or its cookie is over the limit; the old record is intact |
 * | `ERR_DATA` | 500 | the data cannot be stored, or does not fit the schema |
 * | `ERR_RECORD` | 500 | what the store gave back is no record |
 */
export type SessionErrorCode =
  | 'ERR_OPTION'
  | 'ERR_NO_MIDDLEWARE'
  | 'ERR_UNAVAILABLE'
  | 'ERR_REFUSED'
  | 'ERR_CONFLICT'
  | 'ERR_COMMITTED'
  | 'ERR_ENDED'
  | 'ERR_OUTCOME_UNKNOWN'
  | 'ERR_NOT_DURABLE'
  | 'ERR_TOO_LARGE'
  | 'ERR_DATA'
  | 'ERR_RECORD'

/** An error that every framework's own error handling turns into the right answer. */
export interface SessionError extends Error {
  /** What happened, to switch on: the message may change, this does not. */
  readonly code: SessionErrorCode
  /** What Koa and Express read; Fastify and Nest read `statusCode`. */
  readonly status: number
  /** The same as `status`. */
  readonly statusCode: number
  /** Whether the message may be shown to the client: never, it speaks to the developer. */
  readonly expose: boolean
  /** Headers for the answer: `Retry-After` on 503. */
  readonly headers: Readonly<Record<string, string>>
  /** The page that says what this code means and what to do. */
  readonly docs: string
  /** The answer as a Fetch `Response`: what Hono's error handling asks for. */
  getResponse(): Response
}

const statusOf: Readonly<Record<SessionErrorCode, number>> = {
  ERR_OPTION: 500,
  ERR_NO_MIDDLEWARE: 500,
  ERR_UNAVAILABLE: 503,
  ERR_REFUSED: 503,
  ERR_OUTCOME_UNKNOWN: 503,
  ERR_NOT_DURABLE: 503,
  ERR_CONFLICT: 409,
  ERR_ENDED: 401,
  ERR_COMMITTED: 500,
  ERR_TOO_LARGE: 500,
  ERR_DATA: 500,
  ERR_RECORD: 500,
}

/** What a client may read, by status: never the message, which speaks to the developer. */
const publicText: Readonly<Record<number, string>> = {
  401: 'The session has ended.',
  409: 'The session was changed by another request.',
  500: 'Internal Server Error',
  503: 'The session store is unavailable. Try again.',
}

/** Where each code has its entry. */
const errorPage = 'https://holdfast-js.github.io/holdfast/errors.html'

/** Seconds that a client is told to wait after a 503 (RFC 9110, 10.2.3). */
const retryAfter = '1'

// The ESM and the CJS copy of this package have two classes and one brand.
const brand: unique symbol = Symbol.for('holdfast.SessionError') as never

class HoldfastError extends Error implements SessionError {
  readonly code: SessionErrorCode
  readonly status: number
  readonly statusCode: number
  readonly expose = false
  readonly headers: Readonly<Record<string, string>>
  readonly docs: string
  readonly [brand] = true

  constructor(code: SessionErrorCode, message: string, cause: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'SessionError'
    this.code = code
    this.status = this.statusCode = statusOf[code]
    this.headers = this.status === 503 ? { 'Retry-After': retryAfter } : {}
    this.docs = `${errorPage}#${code.toLowerCase()}`
  }

  getResponse(): Response {
    return new Response(publicText[this.status], { status: this.status, headers: { ...this.headers, 'Cache-Control': 'no-store' } })
  }
}

/**
 * An error of ours, for stores and adapters of your own. The message says what happened and what to do; it never holds a
 * token, a cookie, a secret or a payload. Nor may `cause`: errors of client libraries often carry their commands' arguments.
 *
 * @example
 * throw sessionError('ERR_UNAVAILABLE', 'The session database refused the connection. Check that it runs.')
 */
export function sessionError(code: SessionErrorCode, message: string, options?: { cause?: unknown }): SessionError {
  return new HoldfastError(code, message, options?.cause)
}

/** `ERR_OPTION` that names the option, what was given, and what it takes. */
export function optionError(option: string, given: string, takes: string): SessionError {
  return sessionError('ERR_OPTION', `${option} is ${given}; it takes ${takes}.`)
}

/** The longest text that an error quotes: shorter than any secret, which may have been put in the wrong place. */
const longestShown = 24

/** A value for an error's text: what is short and plain as it is, of anything else only its kind. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return value.length > longestShown ? `a string of ${value.length} characters` : JSON.stringify(value)
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : kindOf(value)
}

/** What kind of thing a value is, for where nothing of it may be shown. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  return Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/**
 * Whether an error is one of ours, from whichever copy of the package it came.
 *
 * @example
 * if (isSessionError(error) && error.code === 'ERR_CONFLICT') return retry()
 */
export function isSessionError(error: unknown): error is SessionError {
  return typeof error === 'object' && error !== null && (error as { [brand]?: unknown })[brand] === true
}
