import { optionError, sessionError } from '../../errors.ts'
import type { Session } from '../../session/session.ts'
import { withoutAlarm } from '../../session/without-alarm.ts'

/** What passport does to a session. */
export interface PassportCalls {
  /** The session whose data a face shows. */
  readonly session: Session<any>
  /** Empties it, to go on under another token, and puts another face in place of this one. */
  regenerate(): Promise<void>
  save(): Promise<void>
  destroy(): Promise<void>
}

/** A session as passport knows it. */
export interface PassportFace {
  /** What stands on `req.session`. */
  readonly face: object
  /** From now on it shows this data, whatever becomes of the session: `keepSessionInfo` copies from it. */
  pin(data: object): void
}

type Callback = (error?: unknown) => void

/**
 * The session's data, top-level keys on the session itself, and the methods that passport calls, with callbacks. A Proxy, since
 * what is changed has to reach the object in which the commit finds changes.
 *
 * @param previous the data that the face before this one shows
 */
export function passportFace(calls: PassportCalls, previous: object): PassportFace {
  let pinned: object | undefined
  const data = (): object => pinned ?? calls.session.data
  const own: object = {
    __proto__: null,
    get id() {
      return calls.session.id
    },
    regenerate: (callback?: Callback) => settle(calls.regenerate(), callback),
    save: (callback?: Callback) => settle(calls.save(), callback),
    destroy: (callback?: Callback) => settle(calls.destroy(), callback),
    // A session is renewed by being loaded.
    touch: () => face,
  }

  /** Whether something of its own stands in front of the data's key. What is pinned shows all of them, to be copied. */
  function isTaken(name: string | symbol): boolean {
    return Object.hasOwn(own, name) && !(pinned !== undefined && Object.hasOwn(pinned, name))
  }

  function assertFree(name: string | symbol, value: unknown): void {
    // `keepSessionInfo` copies what the data had there, where an error would end the process.
    if (Object.hasOwn(previous, name) && Object.is(Reflect.get(previous, name), value)) return
    refuse(name)
    if (Object.hasOwn(own, name))
      throw optionError(
        'the key of req.session',
        JSON.stringify(name),
        `any other name: passport's sessions have something of their own there`,
      )
  }

  // What console.log shows in place of the Proxy's empty target.
  const target = Object.defineProperty({}, Symbol.for('nodejs.util.inspect.custom'), { value: data, configurable: true })
  const face: object = new Proxy(target, {
    get(_, name) {
      if (isTaken(name)) return Reflect.get(own, name)
      const shown = data()
      if (!Object.hasOwn(shown, name)) refuse(name)
      return Reflect.get(shown, name)
    },
    // Defined, not assigned: a key named __proto__ must not reach the prototype.
    set(_, name, value, receiver) {
      // What inherits from it has keys of its own.
      if (receiver !== face) return Reflect.defineProperty(receiver, name, { value, configurable: true, enumerable: true, writable: true })
      assertFree(name, value)
      return Reflect.defineProperty(data(), name, { value, configurable: true, enumerable: true, writable: true })
    },
    defineProperty(_, name, descriptor) {
      // Nor may a Proxy have anything fixed that its target does not have: refused before it is half done.
      if (descriptor.configurable === false) return false
      assertFree(name, descriptor.value)
      return Reflect.defineProperty(data(), name, { configurable: true, ...descriptor })
    },
    preventExtensions: () => false,
    has: (_, name) => Object.hasOwn(own, name) || Reflect.has(data(), name),
    deleteProperty: (_, name) => Reflect.deleteProperty(data(), name),
    ownKeys: () => Reflect.ownKeys(data()).filter((name) => !isTaken(name)),
    getOwnPropertyDescriptor(_, name) {
      const descriptor = isTaken(name) ? undefined : Reflect.getOwnPropertyDescriptor(data(), name)
      // A Proxy may not call fixed what its target does not have: frozen data would throw.
      return descriptor && { ...descriptor, configurable: true }
    },
  })
  return { face, pin: (old) => void (pinned = old) }
}

function settle(done: Promise<void>, callback: Callback | undefined): Promise<void> | undefined {
  if (callback === undefined) return withoutAlarm(done)
  // Outside the promise: what a callback throws must not get lost in it.
  done.then(
    () => process.nextTick(callback),
    (error: unknown) => process.nextTick(callback, error),
  )
  return undefined
}

const refusals: ReadonlyMap<string | symbol, string> = new Map([
  [
    'cookie',
    'there is no req.session.cookie. It is as createSessions({ cookie }) says; to let it outlive the browser, call (await getSession(req)).regenerate({ persistent: days(30) }) after the sign-in.',
  ],
  [
    'reload',
    'there is no req.session.reload(): a request loads its session once. To drop what it has changed, call (await getSession(req)).discard().',
  ],
  ['resetMaxAge', 'there is no req.session.resetMaxAge(): a session is renewed by being used, as createSessions({ idleTimeout }) says.'],
])

function refuse(name: string | symbol): void {
  const instead = refusals.get(name)
  if (instead !== undefined) throw sessionError('ERR_OPTION', `With passportSession() ${instead}`)
}
