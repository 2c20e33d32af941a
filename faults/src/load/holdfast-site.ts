import { createSessions, isSessionError, type OpenSession, type Session, type SessionOptions, type SessionStore } from '@holdfast/core'
import { redisStore, type RedisStoreOptions } from '@holdfast/core/redis'
import type { Found, Kept, Site, Visitor } from './site.ts'

/** How the sessions under test are kept. */
export interface HoldfastSetting {
  /** Of `redisStore`, or what makes another store, with `prefix` before its keys. */
  readonly store: RedisStoreOptions | (() => SessionStore)
  readonly manager?: Partial<SessionOptions<Kept>> | undefined
  /** How many of them there are, each with a store of its own; each request comes to any of them. @default 1 */
  readonly applications?: number | undefined
  /** Milliseconds within which a sign-out at one of them shows at the others: not before that are its old cookies tried. @default 0 */
  readonly signOutShowsWithin?: number | undefined
}

/** On Redis: what can be told to another process. */
export interface RedisSetting extends HoldfastSetting {
  readonly store: RedisStoreOptions
}

/** Before each key on the servers. */
export const prefix = 'holdfast:'

export const secrets = ['a secret of the fault run, of 32 bytes or more'] as const

/** Milliseconds that one request may take: one load, and a commit that is tried for a while. */
export function deadlineOf({ manager }: Pick<HoldfastSetting, 'manager'>): number {
  return (manager?.operationTimeout ?? 200) + (manager?.requestTimeout ?? 2_000)
}

/** An application on Holdfast, as its users write one, without a framework. */
export function holdfastSite({ store, manager, applications = 1, signOutShowsWithin = 0 }: HoldfastSetting): Site {
  const all = Array.from({ length: applications }, () =>
    createSessions<Kept>({
      store: typeof store === 'function' ? store() : redisStore({ prefix, ...store }),
      secrets,
      initial: () => ({ changes: [] }),
      ...manager,
    }),
  )
  const open = (header: string): OpenSession<Kept> => all[Math.floor(Math.random() * applications)]!.open(header)
  const readFailures = new WeakSet<object>()

  const present = (cookies: string): Promise<Found> => open(cookies).load().then(foundIn)

  function visitor(): Visitor {
    const jar = new Map<string, string>()
    let key = ''
    const cookie = (): string => Array.from(jar, ([name, value]) => `${name}=${value}`).join('; ')
    const take = (line: string): void => {
      const [pair = '', ...attributes] = line.split('; ')
      const name = pair.slice(0, pair.indexOf('='))
      if (attributes.includes('Max-Age=0')) jar.delete(name)
      else jar.set(name, pair.slice(name.length + 1))
    }

    async function load(opened: OpenSession<Kept>, fresh: boolean): Promise<Session<Kept>> {
      try {
        return await opened.load({ fresh })
      } catch (error) {
        readFailures.add(error as object)
        throw error
      }
    }

    async function request<T>(header: string, handle: (session: Session<Kept>) => T, fresh = false): Promise<T> {
      const opened = open(header)
      const answer = handle(await load(opened, fresh))
      const headers = await opened.commit()
      opened.end()
      for (const [name, value] of headers) if (name === 'Set-Cookie') take(value)
      return answer
    }

    return {
      get key() {
        return key
      },
      get cookies() {
        return cookie()
      },
      async arrive(subject) {
        await request(cookie(), (session) => {
          session.data.changes = []
          session.regenerate(subject === undefined ? {} : { subject })
        })
        key = prefix + (await request(cookie(), ({ id }) => id))
      },
      read: () => request(cookie(), foundIn),
      change: (number) => request(cookie(), (session) => session.update(({ changes }) => void changes.push(number))),
      signOut: () => request(cookie(), (session) => session.destroy()),
      copy() {
        const copied = cookie()
        return () => present(copied)
      },
      check: () => request(cookie(), foundIn, true),
    }
  }

  return {
    visitor,
    present,
    deadline: deadlineOf({ manager }),
    signOutShowsWithin,
    nameOf: (error) => (isSessionError(error) ? error.code : nameOf(error)),
    // Only these two leave it open whether the change was made.
    failureOf: (error) =>
      isSessionError(error) && (error.code === 'ERR_OUTCOME_UNKNOWN' || error.code === 'ERR_NOT_DURABLE') ? 'unknown' : 'not-made',
    isReadFailure: (error) => typeof error === 'object' && error !== null && readFailures.has(error),
    close: async () => void (await Promise.all(all.map((sessions) => sessions.close()))),
  }
}

function foundIn({ outcome, data }: Session<Kept>): Found {
  const known = outcome === 'live' || outcome === 'missing' || outcome === 'ended' ? outcome : 'other'
  return { outcome: known, changes: [...data.changes] }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error
}
