import { setTimeout as sleep } from 'node:timers/promises'
import { startRedis, type RedisServer } from '@holdfast/testbed'
import { afterEach, describe, expect, test } from 'vitest'
import { createSessions } from '../session/manager.ts'
import { redisStore } from '../stores/redis/redis-store.ts'
import { listen } from '../testing/listen.ts'
import { attachSession } from './attach-session.ts'

// The defaults: what an application gets that sets neither.
const operationTimeout = 200
const requestTimeout = 2_000

const cleanUp: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const done of cleanUp.splice(0).toReversed()) await done()
})

interface Answer {
  readonly route: string
  readonly status: number
  readonly retryAfter: string | null
  readonly text: string
  readonly took: number
}

/** A server on sessions in a real Redis, a signed-in browser, and a count of what is pending. */
async function world() {
  const redis = await startRedis()
  cleanUp.push(() => redis.close())
  const sessions = createSessions<{ count: number }>({
    store: redisStore({ url: redis.url }),
    secrets: ['a secret of at least thirty-two bytes'],
    initial: () => ({ count: 0 }),
  })
  cleanUp.push(() => sessions.close())
  const server = await listen((req, res) => {
    const opened = attachSession(sessions, req, res, { onCommitError: () => {} })
    const answer = async (): Promise<void> => {
      if (req.url === '/ping') return void res.end('pong')
      const session = await opened.load()
      if (req.url === '/change') session.update((data) => void (data.count += 1))
      res.end(session.outcome)
    }
    answer().catch((error: { status?: number; headers?: Record<string, string> }) => {
      res.writeHead(error.status ?? 500, error.headers)
      res.end()
    })
  })
  cleanUp.push(() => server.close())
  const { cookie } = await sessions.create({ count: 0 }, { subject: 'u1' })
  let pending = 0

  async function request(route: string): Promise<Answer> {
    pending++
    const startedAt = performance.now()
    try {
      const response = await fetch(`${server.url}${route}`, { headers: { cookie } })
      const text = await response.text()
      return { route, status: response.status, retryAfter: response.headers.get('retry-after'), text, took: performance.now() - startedAt }
    } finally {
      pending--
    }
  }

  /** 60 requests, one every 20 ms, of all routes in turn. */
  async function load(): Promise<Answer[]> {
    const answers: Promise<Answer>[] = []
    for (let n = 0; n < 60; n++) {
      answers.push(request(['/ping', '/read', '/change'][n % 3] as string))
      await sleep(20)
    }
    await sleep(2 * requestTimeout)
    expect(pending, 'nothing is pending after twice the deadline').toBe(0)
    return Promise.all(answers)
  }

  async function recovered(): Promise<Answer> {
    for (let tries = 0; tries < 100; tries++) {
      const answer = await request('/change')
      if (answer.status === 200) return answer
      await sleep(50)
    }
    throw new Error('the server did not recover within 5 s after Redis was back')
  }

  return { redis, sessions, cookie, load, recovered, request }
}

const outages: Readonly<Record<string, (redis: RedisServer) => { begin(): unknown; end(): unknown; outcome: string }>> = {
  'killed (SIGKILL)': (redis) => ({ begin: () => redis.kill(), end: () => redis.restart(), outcome: 'missing' }),
  'silent (SIGSTOP)': (redis) => ({ begin: () => redis.pause(), end: () => redis.resume(), outcome: 'live' }),
}

describe.each(Object.entries(outages))('Redis is %s', (_, outageOf) => {
  test('routes that never ask go on, the others answer 503 with Retry-After in time, and all recover without a restart', async () => {
    const { redis, load, recovered, request } = await world()
    const outage = outageOf(redis)
    expect((await request('/change')).text).toBe('live')
    await outage.begin()
    const answers = await load()
    for (const { route, status, retryAfter } of answers) {
      expect([route, status, retryAfter]).toEqual(route === '/ping' ? [route, 200, null] : [route, 503, '1'])
    }
    const slowest = Math.max(...answers.map(({ took }) => took))
    expect(slowest, 'the slowest answer, against ten times the deadline of an operation').toBeLessThan(10 * operationTimeout)
    await outage.end()
    expect((await recovered()).text).toBe(outage.outcome)
    expect((await request('/ping')).text).toBe('pong')
  })
})

test('a 300 ms stall of the event loop calls no healthy Redis dead, 20 times in 20', async () => {
  const { sessions, cookie } = await world()
  for (let round = 0; round < 20; round++) {
    // At various moments: before the command is written, and while its answer is on the way.
    const loads = Array.from({ length: 20 }, async () => sessions.open(cookie).load())
    for (let turns = round % 4; turns > 0; turns--) await sleep(1)
    const until = performance.now() + 300
    while (performance.now() < until);
    for (const { outcome } of await Promise.all(loads)) expect(outcome).toBe('live')
  }
  expect(sessions.health().status).toBe('up')
})
