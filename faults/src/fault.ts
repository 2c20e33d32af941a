import type { HoldfastSetting, RedisSetting } from './load/holdfast-site.ts'
import type { Load } from './load/load.ts'
import type { PlainClient } from './load/plain-client.ts'
import type { Judgement } from './judgement.ts'
import type { Site } from './load/site.ts'
import type { RequestRecord } from './load/request-record.ts'
import type { Audit } from './load/audit.ts'

/** The numbers of FAULTS: a family of faults with one run has one. */
export interface Fault {
  readonly id: string
  readonly title: string
  /** What stands beside Holdfast. @default ['ioredis'] */
  readonly beside?: readonly PlainSystem[] | undefined
  /** Why it cannot be run here: `needs root on Linux`; undefined: it can. */
  readonly obstacle?: (() => string | undefined | Promise<string | undefined>) | undefined
  /** Starts the servers. Called for each run, so that none begins on what another has left. */
  readonly scene: (form: Form) => Promise<Scene>
  /** What must be seen of Holdfast. */
  readonly judgements: readonly Judgement[]
}

/** Short: what the tests run, only as long as it takes. Long: what the command runs. */
export type Form = 'short' | 'long'

/** Servers, and what is going to happen to them. */
export interface Scene extends HoldfastSetting {
  /** A client of what stands beside, for the same servers. */
  readonly plain: (system: PlainSystem) => PlainClient
  /** The application where it does not run in this process; its events are published here all the same. */
  readonly site?: ((system: System, manager: Scene['manager']) => Site) | undefined
  /** Breaks something, waits, mends. Resolves when the load has nothing more to wait for. */
  readonly happen: (run: RunningFault) => Promise<void>
  /** What only this fault counts, asked after the load: by the name that its judgements call it. */
  readonly facts?: ((run: AuditedLoad) => Promise<Readonly<Record<string, number>>>) | undefined
  readonly close: () => Promise<void>
}

/** Servers of Redis, as `redisStore` takes them. */
export interface RedisScene extends Scene, RedisSetting {
  readonly store: RedisSetting['store']
}

/** The clients that stand beside Holdfast, with their defaults; memjs also with its option `failover`. */
export type PlainSystem = 'ioredis' | 'memjs' | 'memjs-failover'

/** What the load runs on. */
export type System = 'holdfast' | PlainSystem

/** What a fault says of itself while it happens. */
export interface RunningFault {
  readonly load: Load
  readonly form: Form
  readonly system: System
  /** The application under load. */
  readonly site: Site
  /** The application once more, in this process: another client of the same servers. Closed with the scene. */
  anotherSite(): Site
  /** From here on it counts as during the fault. */
  begin(): void
  /** From here on the servers could take changes again. */
  mended(): void
}

/** What a fault can count in. */
export interface FinishedLoad {
  readonly load: Load
  readonly records: readonly RequestRecord[]
  readonly begunAt: number
  readonly mendedAt: number | undefined
  readonly endedAt: number
}

/** And after its sessions were looked at. */
export interface AuditedLoad extends FinishedLoad {
  /** One a user of the load, in their order. */
  readonly audits: readonly Audit[]
}
