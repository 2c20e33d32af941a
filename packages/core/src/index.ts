/**
 * The engine: `createSessions` makes a manager, which opens, loads and commits sessions. With it come errors, events, durations, and
 * the contracts that stores and adapters of your own keep.
 *
 * @module @holdfast/core
 */

export { systemClock } from './clock.ts'
export type { Clock } from './clock.ts'
export type { CookieOptions } from './cookie/set-cookie.ts'
export { days, hours, minutes, seconds } from './duration.ts'
export { isSessionError, sessionError } from './errors.ts'
export type { SessionError, SessionErrorCode } from './errors.ts'
export { channelName, onSessionEvent } from './events.ts'
export type { SessionEventName, SessionEvents } from './events.ts'
export type { Codec } from './record/codec.ts'
export { packRecord, unpackRecord } from './record/pack.ts'
export { isEnded } from './record/store.ts'
export type {
  CloseOptions,
  Durability,
  GetOptions,
  PutOptions,
  PutResult,
  SessionStore,
  StoreChange,
  StoredRecord,
  StoreOptions,
} from './record/store.ts'
export { affinity } from './session/affinity.ts'
export type { Affinity, AffinityOptions } from './session/affinity.ts'
export { checkAdapterOptions } from './session/adapter-options.ts'
export { applyHeaders } from './session/apply-headers.ts'
export type { HeaderSink, SetHeaders } from './session/apply-headers.ts'
export { belongsToAnswer } from './session/belongs-to-answer.ts'
export type { Health } from './session/health.ts'
export { createSessions } from './session/manager.ts'
export type { DataOf, SessionManager } from './session/manager.ts'
export type { CookieSource, LoadOptions, OpenOptions, OpenSession } from './session/open-session.ts'
export { findOpened, loadOpened, placeOpened } from './session/opened-sessions.ts'
export type { DataCodec, InitialData, Json, ManagerOptions, OnUnavailable, SessionOptions } from './session/options.ts'
export type { DataSchema, SchemaResult, StandardSchema } from './session/schema.ts'
export type { Outcome, RegenerateOptions, SaveOptions, Session, SessionData, Synchronous } from './session/session.ts'
