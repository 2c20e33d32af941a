import { createSessions, type SessionManager, type SessionStore } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import { redisStore } from '@holdfast/core/redis'
import type { AdapterHarness, ContractAnswer, ContractData, ContractRequest } from '@holdfast/core/testing'
import { startRedis, type RedisServer } from '@holdfast/testbed'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { harnesses } from './harnesses.ts'

type Server = Awaited<ReturnType<AdapterHarness['serve']>>
type Deed = 'read' | 'change' | 'sign-in' | 'end'

/** What each of the servers does: the path says what happens to the session, and the body what was found. */
async function answer({ path, getSession }: ContractRequest): Promise<ContractAnswer> {
  const session = await getSession()
  const { outcome, subject, data } = session
  const body = JSON.stringify({ outcome, subject, count: data.count })
  const deed = path.slice('/contract/'.length) as Deed
  if (deed === 'change') session.update((current) => void (current.count += 1))
  if (deed === 'sign-in') session.regenerate({ subject: 'ada' })
  if (deed === 'end') session.destroy()
  return { status: 200, headers: [], body }
}

/** One request with this Cookie header; answers what it found, and the browser's next Cookie header. */
async function visit(server: Server, deed: Deed, cookie = '') {
  const response = await fetch(`${server.url}/contract/${deed}`, { headers: { cookie } })
  const [line] = response.headers.getSetCookie()
  const next = line?.includes('Max-Age=0') ? '' : (line?.split(';', 1)[0] ?? cookie)
  return { found: (await response.json()) as unknown, cookie: next }
}

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.close())

const memory = memoryStore()
const stores: Readonly<Record<string, () => SessionStore>> = {
  memory: () => memory,
  Redis: () => redisStore({ url: redis.url }),
}

for (const [place, storeOfOne] of Object.entries(stores)) {
  describe(`one session on all servers, over ${place}`, () => {
    const servers: Record<string, Server> = {}
    const managers: SessionManager<ContractData>[] = []

    beforeAll(async () => {
      for (const [name, serve] of Object.entries(harnesses)) {
        // A manager each, as in processes of their own: what they share is the records, and the secret.
        const sessions = createSessions<ContractData>({
          store: storeOfOne(),
          secrets: ['only for the test of all the pairs'],
          initial: () => ({ count: 0 }),
        })
        managers.push(sessions)
        servers[name] = await serve(sessions, answer)
      }
    })
    afterAll(async () => {
      for (const server of Object.values(servers)) await server.close()
      for (const sessions of managers) await sessions.close()
    })

    for (const [one, other] of pairs(Object.keys(harnesses))) {
      test(`started on ${one}; read, changed, regenerated and ended on ${other}`, async () => {
        const [a, b] = [servers[one]!, servers[other]!]
        const { cookie: first } = await visit(a, 'change')

        expect((await visit(b, 'read', first)).found).toEqual({ outcome: 'live', count: 1 })
        expect((await visit(b, 'change', first)).cookie).toBe(first)
        expect((await visit(a, 'read', first)).found).toEqual({ outcome: 'live', count: 2 })

        const { cookie: second } = await visit(b, 'sign-in', first)
        expect(second).not.toBe(first)
        expect((await visit(a, 'read', second)).found).toEqual({ outcome: 'live', subject: 'ada', count: 2 })
        expect((await visit(a, 'read', first)).found).toEqual({ outcome: 'ended', count: 0 })

        expect((await visit(b, 'end', second)).cookie).toBe('')
        expect((await visit(a, 'read', second)).found).toEqual({ outcome: 'ended', count: 0 })
        // Nobody brings it back: neither the one that ended it nor the one that started it.
        for (const server of [a, b]) {
          await visit(server, 'change', second)
          expect((await visit(server, 'read', second)).found).toEqual({ outcome: 'ended', count: 0 })
        }
      })
    }
  })
}

/** Every ordered pair. */
function pairs(names: readonly string[]): (readonly [string, string])[] {
  return names.flatMap((one) => names.filter((other) => other !== one).map((other) => [one, other] as const))
}
