import type { DefinePromise as DefinePromiseOf } from '../define-promises.ts'
import type { SessionStore } from '../../record/store.ts'
import { affinity } from '../../session/affinity.ts'
import { createSessions, type SessionManager } from '../../session/manager.ts'
import type { SessionOptions } from '../../session/options.ts'
import { faultyStore, type FaultyStore } from '../faulty-store.ts'
import { contractAnswer, type Answer, type ContractData, type Found, type Meet } from './answers.ts'

/** The application under test. */
export interface AdapterHarness {
  /** Called for each test; the store is closed after it. */
  makeStore(): SessionStore | Promise<SessionStore>
  /** Starts an application of the adapter's framework on these sessions; the doc comment of `adapterContract` says what it has to do. */
  serve(sessions: SessionManager<ContractData>, answer: Answer): Promise<{ readonly url: string; close(): Promise<unknown> }>
}

/** One answer. */
export interface Visit {
  readonly status: number
  readonly headers: Headers
  readonly body: string
  /** The Set-Cookie lines of the session's cookie. */
  readonly sessionCookies: readonly string[]
  /** The Cookie header of the browser's next request; empty when the cookie was cleared, or there is none. */
  readonly cookie: string
  /** What a route that shows its session found. */
  readonly found: Found
}

export interface VisitOptions {
  /** Default `GET`. */
  readonly method?: string
  /** The Cookie header. */
  readonly cookie?: string
  /** Called when the answer's head is there, before its body. */
  readonly onHead?: () => void
}

export interface AdapterSubject {
  readonly store: FaultyStore
  readonly sessions: SessionManager<ContractData>
  /** One request of a browser that has this cookie. */
  visit(path: string, options?: VisitOptions): Promise<Visit>
  /** A session of `{ count: 1 }` that is there already; answers its cookie. Store calls count from here. */
  existing(): Promise<string>
  /** A cookie of the same session store that the previous secret has signed. */
  signedByPreviousSecret(): Promise<string>
  cleanUp(): Promise<void>
}

/** Defines one promise of this contract. */
export type DefinePromise = DefinePromiseOf<AdapterSubject>

const cookieName = '__Host-session'
const newSecret = 'the newest secret of the adapter contract'
const previousSecret = 'the previous secret of the adapter contract'

/** How long the manager waits, whether every request renews its session, and whether browsers are bound to a node. */
type Manner = Pick<SessionOptions<ContractData>, 'operationTimeout' | 'requestTimeout' | 'strict' | 'affinity'>

/** A store that hangs is given up soon. */
export const impatient: Manner = { requestTimeout: 500 }

/** What a race shows is order, not speed: a machine under load must not decide. A renewal can race too. */
export const racing: Manner = { operationTimeout: 3_000, requestTimeout: 10_000, strict: true }

/** The node binds its browsers. */
export const binding: Manner = { ...impatient, affinity: affinity({ node: 'contract', cookie: 'contract_node' }) }

/** The cookie of a browser that is bound to it. */
export const routedTo = 'contract_node=contract'

export async function openSubject({ makeStore, serve }: AdapterHarness, manner: Manner): Promise<AdapterSubject> {
  const store = faultyStore(await makeStore())
  const options = { store, initial: () => ({ count: 0 }), ...manner }
  const sessions = createSessions<ContractData>({ ...options, secrets: [newSecret, previousSecret] })
  const server = await serve(sessions, contractAnswer(meeting()))

  async function made(by: SessionManager<ContractData>): Promise<string> {
    const { cookie } = await by.create({ count: 1 })
    store.calls.length = 0
    return cookie
  }
  return {
    store,
    sessions,
    async visit(path, { method = 'GET', cookie = '', onHead } = {}) {
      const headers = cookie === '' ? {} : { cookie }
      const response = await fetch(server.url + path, { method, headers, redirect: 'manual' })
      onHead?.()
      return visited(response, cookie)
    },
    existing: async () => made(sessions),
    signedByPreviousSecret: async () => made(createSessions<ContractData>({ ...options, secrets: [previousSecret] })),
    async cleanUp() {
      store.fault = undefined
      await server.close()
      await sessions.close()
    },
  }
}

async function visited(response: Response, sent: string): Promise<Visit> {
  const body = await response.text()
  const sessionCookies = response.headers.getSetCookie().filter((line) => line.startsWith(`${cookieName}=`))
  const last = sessionCookies.at(-1)
  return {
    status: response.status,
    headers: response.headers,
    body,
    sessionCookies,
    cookie: last === undefined ? sent : isCleared(last) ? '' : (last.split(';', 1)[0] as string),
    get found() {
      try {
        return JSON.parse(body) as Found
      } catch {
        throw new Error(`The application did not send the body that it was given: ${response.status} ${body.slice(0, 200)}`)
      }
    },
  }
}

export function isCleared(setCookie: string): boolean {
  return /;\s*Max-Age=0\s*(?:;|$)/i.test(setCookie)
}

/** So many callers wait for each other. */
function meeting(): Meet {
  let waiting: (() => void)[] = []
  return async (size) =>
    new Promise<void>((resolve) => {
      waiting.push(resolve)
      if (waiting.length < size) return
      for (const go of waiting) go()
      waiting = []
    })
}
