import { sessionError } from '../../errors.ts'
import type { SetHeaders } from '../../session/apply-headers.ts'
import type { LoadOptions } from '../../session/open-session.ts'
import type { Session } from '../../session/session.ts'

/** What the contract keeps in its sessions. */
export interface ContractData {
  count: number
  left?: string
  right?: string
  [key: `key${number}`]: string
}

/** How many requests race where many race for one session. */
export const crowd = 50

/** One request, as the application under test hands it to the contract. */
export interface ContractRequest {
  readonly method: string
  /** Without host and query: `/contract/change`. */
  readonly path: string
  /** What the adapter's users call for this request's session. */
  readonly getSession: (options?: LoadOptions) => Promise<Session<ContractData>>
}

/** What the application under test has to answer, by its framework's own means. */
export interface ContractAnswer {
  readonly status: number
  /** Each is to be appended: a name may come twice. */
  readonly headers: SetHeaders
  /** Undefined: none. What is iterable is to be streamed. */
  readonly body: string | AsyncIterable<string> | undefined
}

export type Answer = (request: ContractRequest) => Promise<ContractAnswer>

/** So many requests have loaded before any of them answers. */
export type Meet = (size: number) => Promise<void>

/** The routes of the application under test: the path says what happens to the session. */
export function contractAnswer(meet: Meet): Answer {
  return async ({ path, getSession }) => {
    const handler = handlers[path.slice('/contract/'.length)]
    if (handler === undefined) throw new Error(`The harness handed on the path ${path}, which the contract did not ask for.`)
    return { status: 200, headers: [], body: undefined, ...(await handler(getSession, meet)) }
  }
}

type Handler = (getSession: ContractRequest['getSession'], meet: Meet) => Promise<Partial<ContractAnswer>>

const handlers: Readonly<Record<string, Handler>> = {
  'never-asks': async () => ({ body: 'fine' }),
  read: async (getSession) => ({ body: shown(await getSession()) }),
  'read-twice': async (getSession) => ({ body: String((await getSession()) === (await getSession())) }),
  'read-anonymously': async (getSession) => ({ body: shown(await getSession({ onUnavailable: 'anonymous' })) }),
  change: async (getSession) => ({ body: shown(await changed(getSession)) }),
  update: async (getSession) => ({ body: shown(await incremented(getSession)) }),
  'update-together': async (getSession, meet) => {
    const session = await incremented(getSession)
    await meet(crowd)
    return { body: shown(session) }
  },
  rotate: async (getSession) => {
    const session = await getSession()
    // On an ended one it would be the start of another.
    if (session.outcome === 'live') session.regenerate()
    return { body: shown(session) }
  },
  regenerate: async (getSession) => {
    const session = await getSession()
    session.regenerate({ subject: 'ada' })
    return { body: shown(session) }
  },
  end: async (getSession) => {
    const session = await getSession()
    session.destroy()
    return { body: 'ended' }
  },
  'change-and-throw': async (getSession) => {
    await changed(getSession)
    throw sessionError('ERR_CONFLICT', "The contract's own error: its status is 409 in every framework.")
  },
  'change-and-redirect': async (getSession) => {
    await changed(getSession)
    return { status: 303, headers: [['Location', '/contract/read']] }
  },
  'change-and-stream': async (getSession) => {
    await changed(getSession)
    return { headers: [['Content-Type', 'text/plain']], body: streamed() }
  },
  'change-with-own-headers': async (getSession) => {
    await changed(getSession)
    const headers = [
      ['Set-Cookie', 'theirs=1; Path=/'],
      ['Set-Cookie', 'others=2'],
      ['Vary', 'Accept'],
      ['Cache-Control', 'no-store'],
    ] as const
    return { headers, body: 'fine' }
  },
  'change-and-be-public': async (getSession) => {
    await changed(getSession)
    return { headers: [['Cache-Control', 'public, max-age=60']], body: 'fine' }
  },
  left: race('left', 2),
  right: race('right', 2),
  ...Object.fromEntries(Array.from({ length: crowd }, (_, n) => [`key${n}`, race(`key${n}`, crowd)])),
}

/** The chunks of a streamed answer. */
export const streamedChunks: readonly string[] = ['one ', 'two ', 'three']

async function* streamed(): AsyncGenerator<string> {
  for (const chunk of streamedChunks) {
    yield chunk
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

async function changed(getSession: ContractRequest['getSession']): Promise<Session<ContractData>> {
  const session = await getSession()
  session.data.count += 1
  return session
}

async function incremented(getSession: ContractRequest['getSession']): Promise<Session<ContractData>> {
  const session = await getSession()
  session.update((data) => void (data.count += 1))
  return session
}

function race(key: Exclude<keyof ContractData, 'count'>, size: number): Handler {
  return async (getSession, meet) => {
    const session = await getSession()
    session.data[key] = 'was here'
    await meet(size)
    return { body: shown(session) }
  }
}

/** What a request found, as `visit().found` reads it. */
export interface Found {
  readonly outcome: string
  readonly subject: string | undefined
  readonly data: ContractData
}

function shown({ outcome, subject, data }: Session<ContractData>): string {
  return JSON.stringify({ outcome, subject, data } satisfies Found)
}
