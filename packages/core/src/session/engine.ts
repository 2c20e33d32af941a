import type { Clock } from '../clock.ts'
import type { FreshnessCookie } from '../cookie/freshness-cookie.ts'
import type { SessionCookie } from '../cookie/session-cookie.ts'
import type { SetCookie } from '../cookie/set-cookie.ts'
import type { Codec } from '../record/codec.ts'
import type { Durability } from '../record/store.ts'
import type { BoundedStore } from '../waiting/bounded-store.ts'
import type { RoutingCookie } from './affinity.ts'
import type { InsecureNotice } from './insecure-notice.ts'
import type { OnUnavailable } from './options.ts'
import type { KnownValues } from './read-envelope.ts'
import type { StandardSchema } from './schema.ts'
import type { Timeouts } from './timeouts.ts'
import type { WorkInProgress } from './work-in-progress.ts'

/** What a manager was made of: all that one session needs, settled once. */
export interface Engine<Data extends object> {
  readonly store: BoundedStore
  readonly answersFromCopies: boolean
  readonly codec: Codec
  /** Undefined where a codec or a schema makes more than JSON of a value. */
  readonly known: KnownValues<Data> | undefined
  readonly schema: StandardSchema<unknown, Data> | undefined
  readonly initial: () => Data
  readonly clock: Clock
  readonly timeouts: Timeouts
  readonly cookie: {
    readonly token: SessionCookie
    readonly tokenLine: SetCookie
    readonly freshness: FreshnessCookie
    readonly freshnessLine: SetCookie
  }
  /** For a load balancer; undefined where sessions are not bound to nodes. */
  readonly routing: RoutingCookie | undefined
  readonly onUnavailable: OnUnavailable
  /** For Secure cookies that are set over plain http; undefined where that is not for the cookie to mind. */
  readonly noticeInsecure: InsecureNotice | undefined
  readonly onOverlap: 'last-wins' | 'fail'
  readonly guarded: readonly string[]
  readonly requestTimeout: number
  /** What all writes ask for; undefined: what each kind of write does by default. */
  readonly durability: Durability | undefined
  readonly maxBytes: number
  /** Counts what is under way, for `close`. */
  readonly work: WorkInProgress
}
