import { sessionError, type Session } from '@holdfast/core'

/**
 * The session of a WebSocket's handshake. A new token could not reach the browser, whose old one would open nothing any more:
 * so `regenerate` throws.
 */
export function handshakeSession<Data extends object>(session: Session<Data>): Session<Data> {
  return new Proxy(session, {
    get(target, name) {
      if (name === 'regenerate') return refuseNewToken
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
    // On the session itself, whose setters know no proxy.
    set: (target, name, value) => Reflect.set(target, name, value),
  })
}

function refuseNewToken(): never {
  throw sessionError(
    'ERR_COMMITTED',
    'regenerate() on a WebSocket: no answer follows that could bring the browser its new cookie, and the old one would open nothing. Sign in over HTTP.',
  )
}
