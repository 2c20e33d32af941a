import { setTimeout as sleep } from 'node:timers/promises'
import { createSessions, type Session } from '@holdfast/core'
import { nodeOf, type Arrangement } from './arrangements.ts'

/** Calls of the shared store that one request waits for. */
export interface Trips {
  readonly arrangement: string
  readonly read: number
  readonly change: number
  readonly signIn: number
  readonly signOut: number
  /** Calls behind the answers, for ten changes of one session within a second. */
  readonly behindTenChanges: number
}

interface Data {
  count: number
}

/** The default `every` of `backedUp`, and time for the copy. */
const copiedWithin = 1_500

/** Counts what each kind of request asks of the shared store, on one node that has answered this session before. */
export async function tripsOf(arrangement: Arrangement, redisUrl: string): Promise<Trips> {
  const { store, shared } = nodeOf(arrangement, redisUrl)
  const sessions = createSessions<Data>({ store, secrets: ['only for this measurement, 32 bytes'], initial: () => ({ count: 0 }) })
  const jar = new Map<string, string>()

  /** One request of a browser. Answers how many calls it waited for. */
  async function request(handle: (session: Session<Data>) => void): Promise<number> {
    const before = shared.calls()
    const opened = sessions.open(Array.from(jar, ([name, value]) => `${name}=${value}`).join('; '))
    handle(await opened.load())
    const headers = await opened.commit()
    const calls = shared.calls() - before
    for (const [name, line] of headers) {
      const [, cookie, value] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (name === 'Set-Cookie' && cookie !== undefined) jar.set(cookie, value ?? '')
    }
    return calls
  }
  const change = ({ data }: Session<Data>): void => void (data.count += 1)

  try {
    await sessions.ready()
    await request(change)
    const signIn = await request((session) => session.regenerate({ subject: 'u1' }))
    // Whatever was known before news was listened to is asked for anew, once.
    await sleep(1_000)
    await request(() => {})
    const read = await request(() => {})
    await sleep(copiedWithin)
    const waitedFor = await request(change)
    await sleep(copiedWithin)
    const before = shared.calls()
    let inFront = 0
    for (let n = 0; n < 10; n += 1) inFront += await request(change)
    await sleep(copiedWithin)
    const behindTenChanges = shared.calls() - before - inFront
    const signOut = await request((session) => session.destroy())
    return { arrangement: arrangement.name, read, change: waitedFor, signIn, signOut, behindTenChanges }
  } finally {
    await sessions.close()
  }
}
