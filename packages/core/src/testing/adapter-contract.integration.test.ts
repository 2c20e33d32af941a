import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import { isSessionError, sessionError } from '../errors.ts'
import { applyHeaders, type SetHeaders } from '../session/apply-headers.ts'
import type { SessionManager } from '../session/manager.ts'
import type { OpenSession } from '../session/open-session.ts'
import type { Session } from '../session/session.ts'
import { memoryStore } from '../stores/memory/memory-store.ts'
import { adapterContract } from './adapter-contract.ts'
import type { Answer, ContractData } from './adapter-contract/answers.ts'
import { listen } from './listen.ts'

/** An adapter of a few lines, which keeps answers back until they are whole, with what can go wrong in one. */
const steps = {
  open: (sessions: SessionManager<ContractData>, req: IncomingMessage) => sessions.open(req.headers.cookie),
  getSession: (opened: OpenSession<ContractData>): OpenSession<ContractData>['load'] => opened.load,
  begin: async (_opened: OpenSession<ContractData>): Promise<unknown> => undefined,
  commit: async (opened: OpenSession<ContractData>, _threw: boolean): Promise<SetHeaders> => opened.commit(),
  apply: (headers: SetHeaders, to: Headers): void => applyHeaders(headers, to),
  errorStatus: (error: unknown): number => (isSessionError(error) ? error.status : 500),
  errorHeaders: (error: unknown, _ofTheAnswer: Headers): Headers => new Headers(isSessionError(error) ? error.headers : {}),
}
type Steps = typeof steps

function adapter(its: Steps, sessions: SessionManager<ContractData>, answer: Answer) {
  return async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const opened = its.open(sessions, req)
    let status = 404
    let headers = new Headers()
    let body = ''
    let threw = false
    const fail = (error: unknown): void => {
      status = its.errorStatus(error)
      headers = its.errorHeaders(error, headers)
      body = ''
      threw = true
    }
    try {
      await its.begin(opened)
      const { method = 'GET', url: path = '/' } = req
      if (path.startsWith('/contract/')) {
        const given = await answer({ method, path, getSession: its.getSession(opened) })
        status = given.status
        headers = new Headers(given.headers as [string, string][])
        if (typeof given.body === 'object') for await (const chunk of given.body) body += chunk
        else body = given.body ?? ''
      }
    } catch (error) {
      fail(error)
    }
    try {
      its.apply(await its.commit(opened, threw), headers)
    } catch (error) {
      fail(error)
    }
    res.writeHead(status, [...headers].flat()).end(body)
  }
}

/** The Cookie header that a session was opened with. */
const cookies = new WeakMap<OpenSession<ContractData>, string>()

/** The session that was opened last, whoever's it is. */
let latest: OpenSession<ContractData>

function withoutReplay(session: Session<ContractData>): Session<ContractData> {
  const update = (change: (data: ContractData) => void): void => change(session.data)
  return new Proxy(session, {
    get(_, name: keyof Session) {
      if (name === 'update') return update
      const value = session[name]
      return typeof value === 'function' ? value.bind(session) : value
    },
  })
}

/** The promises of the contract, tried on an adapter. */
function promisesOf(broken: Partial<Steps>): (() => Promise<void>)[] {
  const tests: (() => Promise<void>)[] = []
  adapterContract(
    { describe: (_, body) => body(), test: (_, body) => tests.push(body) },
    { makeStore: () => memoryStore(), serve: async (sessions, answer) => listen(adapter({ ...steps, ...broken }, sessions, answer)) },
  )
  return tests
}

/** What the contract says about an adapter, up to this complaint: the messages of the tests that fail. */
async function complaints(broken: Partial<Steps>, last?: string): Promise<string> {
  let said = ''
  for (const isKept of promisesOf(broken)) {
    await isKept().catch((error: unknown) => (said += `${String(error)}\n`))
    if (last !== undefined && said.includes(last)) break
  }
  return said
}

test('an adapter of a few lines keeps every promise', async () => {
  expect(await complaints({})).toBe('')
})

describe('adapterContract says in words what is wrong with an adapter that', () => {
  const cases: [string, Partial<Steps>, string][] = [
    [
      'loads for every request',
      { begin: async (opened) => opened.load() },
      'a request that never asks for its session costs no store call',
    ],
    ['never commits', { commit: async () => [] }, 'the first change sets exactly one session cookie'],
    [
      'commits only where the handler did not throw',
      { commit: async (opened, threw) => (threw ? [] : opened.commit()) },
      'what a handler changed before it threw is saved, and its cookie is set',
    ],
    [
      'sends before it has saved',
      { commit: async (opened) => (void opened.commit().catch(() => {}), []) },
      'the answer waits until the session is saved',
    ],
    [
      "puts its cookie over the handler's",
      { apply: (headers, to) => headers.forEach(([name, value]) => to.set(name, value)) },
      "the handler's own cookies are kept beside the session's",
    ],
    [
      "puts its Cache-Control over the handler's",
      {
        apply(headers, to) {
          applyHeaders(headers, to)
          for (const [name, value] of headers) if (name === 'Cache-Control') to.set(name, value)
        },
      },
      "a Cache-Control of the handler's that is stricter is kept",
    ],
    [
      'appends Cache-Control',
      { apply: (headers, to) => headers.forEach(([name, value]) => to.append(name, value)) },
      'an answer with a cookie is not public',
    ],
    [
      'applies the headers twice',
      { apply: (headers, to) => (applyHeaders(headers, to), applyHeaders(headers, to)) },
      'the first change sets exactly one session cookie',
    ],
    [
      'forgets Vary',
      {
        apply: (headers, to) =>
          applyHeaders(
            headers.filter(([name]) => name !== 'Vary'),
            to,
          ),
      },
      'an answer whose session was asked for has Vary: Cookie',
    ],
    ['answers every error with 500', { errorStatus: () => 500 }, 'a route whose session cannot be read is answered with 503'],
    [
      'hands on one cookie only',
      {
        apply: (headers, to) =>
          applyHeaders(
            headers.filter(([name], n) => name !== 'Set-Cookie' || headers[n - 1]?.[0] !== 'Set-Cookie'),
            to,
          ),
      },
      'binds it to the node, once',
    ],
    ['forgets the headers of an error', { errorHeaders: () => new Headers() }, 'is answered with Retry-After'],
    [
      "leaves the answer's headers on the error",
      { errorHeaders: (error, answer) => (applyHeaders(Object.entries((error as { headers: object }).headers), answer), answer) },
      'an answer that is not sent leaves none of its cookies on the error',
    ],
    [
      'swallows what a commit throws',
      { commit: async (opened) => opened.commit().catch(() => []) },
      'the first change of a visitor that cannot be saved is answered with 503',
    ],
    [
      "drops getSession's options",
      { getSession: (opened) => async () => opened.load() },
      "getSession({ onUnavailable: 'anonymous' }) goes on",
    ],
    [
      'opens a session for every getSession',
      {
        open: (sessions, req) => ({
          ...sessions.open(req.headers.cookie),
          load: async (options) => sessions.open(req.headers.cookie).load(options),
        }),
      },
      'asked for twice in a request, the session is the same object',
    ],
    ['takes cookies from nowhere', { open: (sessions) => sessions.open(undefined) }, 'what one request stored the next one finds'],
    [
      'calls an outage a new session',
      { getSession: (opened) => async (options) => opened.load({ ...options, onUnavailable: 'anonymous' }) },
      'a route whose session cannot be read is answered with 503',
    ],
    [
      'turns errors of the handlers into its own',
      {
        errorStatus: (error) => (isSessionError(error) && error.code === 'ERR_CONFLICT' ? sessionError('ERR_UNAVAILABLE', '').status : 503),
      },
      "the framework's own error handling answers with the error's status",
    ],
    [
      'sets the cookie anew with every answer',
      {
        open(sessions, req) {
          const { cookie = '' } = req.headers
          const opened = sessions.open(cookie)
          cookies.set(opened, cookie)
          return opened
        },
        async commit(opened) {
          const headers = await opened.commit()
          return headers.some(([name]) => name === 'Set-Cookie') ? headers : [...headers, ['Set-Cookie', `${cookies.get(opened)}; Path=/`]]
        },
      },
      "one tab's late answer never undoes the sign-in of another",
    ],
    [
      'keeps the session in a variable of the module',
      { open: (sessions, req) => (latest = sessions.open(req.headers.cookie)), commit: async () => latest.commit() },
      'of two browsers at once each changes its own session',
    ],
    [
      'gives handlers a face of the session, whose update runs only once',
      { getSession: (opened) => async (options) => withoutReplay(await opened.load(options)) },
      '50 increments by update at once are exactly 50',
    ],
  ]
  for (const [what, broken, complaint] of cases) {
    test(what, async () => {
      expect(await complaints(broken, complaint)).toContain(complaint)
    })
  }
})
