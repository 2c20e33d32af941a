import type { RedisServer } from '@holdfast/testbed'
import type { Candidate } from './candidates.ts'
import { connections, load, makeSessions } from './load.ts'
import { commandsSent, resetCommands, total } from './redis-commands.ts'
import type { CpuTime, ServerProcess } from './server-process.ts'

/** `none`: a route that never asks for its session; `read`; `change`: adds one to a number in it. Each with the cookie of a session. */
export const kinds = ['none', 'read', 'change'] as const
export type Kind = (typeof kinds)[number]

/** One kind of request to one candidate: a figure for each round. */
export interface Series {
  readonly candidate: Candidate
  readonly kind: Kind
  /** Microseconds of processor time of the server, a request. */
  readonly cpu: readonly CpuTime[]
  readonly requestsPerSecond: number[]
  readonly requests: number
  /** Commands that Redis was sent, a request, in the last round. */
  readonly commands: number
  /** Changes that were acknowledged and are not there; undefined where there is nothing to count. */
  readonly lost: number | undefined
}

export interface Subject {
  readonly server: ServerProcess
  readonly cookies: readonly string[]
  readonly series: Map<Kind, Series>
}

export async function subjectOf(server: ServerProcess): Promise<Subject> {
  // There is no session to make.
  const cookies = server.candidate.variant === 'bare' ? ['session=none'] : await makeSessions(server)
  return { server, cookies, series: new Map() }
}

/**
 * One slice; its figures are added to the subject's, unless it only warms the server up. Answers how many requests failed: if any
 * did, something else was measured, and the figures are dropped.
 */
export async function measureSlice(subject: Subject, kind: Kind, redis: RedisServer, seconds: number, isWarmUp: boolean): Promise<number> {
  const { server, cookies, series } = subject
  // Each session is read once, so that a near cache is warm.
  const before = kind === 'none' ? undefined : await visits(subject)
  await resetCommands(redis)
  const started = await server.cpu()
  const { requests, failed, microseconds } = await load(server, cookies, `/${kind}`, seconds)
  const { all, kernel } = await server.cpu()
  if (failed > 0) return failed
  const commands = total(await commandsSent(redis))
  const lost = before === undefined || kind !== 'change' ? undefined : lostOf(requests, (await visits(subject))! - before)
  if (isWarmUp) return 0
  const known = series.get(kind)
  series.set(kind, {
    candidate: server.candidate,
    kind,
    cpu: [...(known?.cpu ?? []), { all: (all - started.all) / requests, kernel: (kernel - started.kernel) / requests }],
    requestsPerSecond: [...(known?.requestsPerSecond ?? []), requests / (microseconds / 1e6)],
    requests: (known?.requests ?? 0) + requests,
    commands: commands / requests,
    lost: lost === undefined ? undefined : (known?.lost ?? 0) + lost,
  })
  return 0
}

// What was under way when the load ended may have been stored without having been counted.
function lostOf(acknowledged: number, stored: number): number {
  if (stored > acknowledged + connections) throw new Error(`${acknowledged} changes were asked for, and ${stored} are there.`)
  return Math.max(acknowledged - stored, 0)
}

/** The sum over all sessions; undefined where the server keeps none, or the browser would have to carry it. */
async function visits({ server, cookies }: Subject): Promise<number | undefined> {
  const { variant, usesRedis } = server.candidate
  if (variant === 'bare' || (variant === 'peer' && !usesRedis)) return undefined
  const each = await Promise.all(
    cookies.map(
      async (cookie) => ((await (await fetch(`${server.origin}/read`, { headers: { cookie } })).json()) as { visits: number }).visits,
    ),
  )
  return each.reduce((sum, one) => sum + one, 0)
}
