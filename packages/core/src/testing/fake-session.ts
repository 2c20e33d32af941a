import { randomToken, idOf } from '../cookie/token.ts'
import { minutes } from '../duration.ts'
import { sessionError } from '../errors.ts'
import type { Outcome, RegenerateOptions, Session } from '../session/session.ts'

/** What the code under test did to its session. */
export interface FakeSession<Data extends object> extends Session<Data> {
  /** Whether `destroy` was called, and not taken back by `discard`. */
  readonly destroyed: boolean
  /** How often `regenerate` was called. */
  readonly regenerated: number
  /** How often `save` was called. */
  readonly saved: number
}

/** What a fake session is to begin with. */
export interface FakeSessionOptions {
  /** Default a fresh one of the usual form. */
  readonly id?: string | undefined
  /** Whose it is. Default nobody's. */
  readonly subject?: string | undefined
  /** Default `'live'`. */
  readonly outcome?: Outcome | undefined
}

/**
 * For unit tests of code that takes a `Session`: no manager, no store, no cookies. Changes happen at once.
 *
 * @example
 * const session = fakeSession({ cart: [] as string[] })
 * addToCart(session, 'book')
 * expect(session.data.cart).toEqual(['book'])
 */
export function fakeSession<Data extends object>(data: Data, options: FakeSessionOptions = {}): FakeSession<Data> {
  const initial = structuredClone(data)
  const createdAt = Date.now()
  let { id = idOf(randomToken()), subject } = options
  let [destroyed, regenerated, saved] = [false, 0, 0]

  const session: FakeSession<Data> = {
    data,
    outcome: options.outcome ?? 'live',
    createdAt,
    expiresAt: createdAt + minutes(30),
    get id() {
      return id
    },
    get subject() {
      return subject
    },
    get destroyed() {
      return destroyed
    },
    get regenerated() {
      return regenerated
    },
    get saved() {
      return saved
    },
    update(change) {
      change(session.data)
    },
    regenerate(given: RegenerateOptions = {}) {
      regenerated++
      id = idOf(randomToken())
      subject = given.subject ?? subject
    },
    destroy() {
      destroyed = true
    },
    discard() {
      session.data = structuredClone(initial)
      destroyed = false
    },
    async save() {
      if (session.outcome === 'unavailable')
        throw sessionError('ERR_UNAVAILABLE', 'This fake session stands in for one that the store could not give.')
      saved++
    },
  }
  // As with a real one, `session.user = …` for `session.data.user = …` fails loudly.
  return Object.preventExtensions(session)
}
