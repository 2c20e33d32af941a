import { kindOf, optionError, shown } from '../errors.ts'

/**
 * Checks what a middleware of an adapter was made with, so that a mistake is told at the start and not by the first request.
 *
 * @throws `ERR_OPTION` that names the wrong option, what was given, and what it takes
 * @example
 * checkAdapterOptions(sessions, { eager, secure })
 */
export function checkAdapterOptions(
  sessions: unknown,
  options: { readonly eager?: unknown; readonly secure?: unknown; readonly onCommitError?: unknown },
): void {
  if (typeof (sessions as { open?: unknown } | null | undefined)?.open !== 'function')
    throw optionError('sessionMiddleware(sessions)', kindOf(sessions), 'what createSessions() has made')
  if (typeof options !== 'object' || options === null)
    throw optionError('sessionMiddleware(sessions, options)', kindOf(options), 'an object of options')
  const { eager, secure, onCommitError } = options
  if (eager !== undefined && typeof eager !== 'boolean') throw optionError('eager', shown(eager), 'true or false')
  for (const [name, value] of Object.entries({ secure, onCommitError }))
    if (value !== undefined && typeof value !== 'function') throw optionError(name, shown(value), 'a function of the request')
}
