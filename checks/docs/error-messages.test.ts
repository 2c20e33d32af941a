import { readFile } from 'node:fs/promises'
import {
  createSessions,
  isSessionError,
  sessionError,
  type ManagerOptions,
  type SessionErrorCode,
  type SessionEventName,
  type SessionEvents,
  type SessionStore,
  type StoredRecord,
} from '@holdfast/core'
import { getSession, sessionMiddleware } from '@holdfast/adapter-hono'
import { memcachedStore, type MemcachedStoreOptions } from '@holdfast/core/memcached'
import { memoryStore } from '@holdfast/core/memory'
import { planFleet } from '@holdfast/core/planning'
import { redisStore } from '@holdfast/core/redis'
import { ring, type RingOptions, type RingStore } from '@holdfast/core/resilience'
import { faultyStore, type FaultyStore } from '@holdfast/core/testing'
import { freePort, startMemcached, startRedis } from '@holdfast/testbed'
import { Hono } from 'hono'
import { expect, test, vi } from 'vitest'

// What docs/errors.md shows of each code, beside what the code says when it is provoked.

interface Data {
  cart: string[]
  photo?: unknown
}

const secrets = ['only for the check of the error page']
const page = await readFile(new URL('../../docs/errors.md', import.meta.url), 'utf8')

/** The page's part on one code. */
function entryOf(code: SessionErrorCode): string {
  const [, entry] = page.split(new RegExp(`^## ${code} .*$`, 'm'))
  expect(entry, `docs/errors.md has a heading for ${code}`).toBeDefined()
  return (entry as string).split(/^## /m, 1)[0] as string
}

function shownMessages(code: SessionErrorCode): string[] {
  const [, block] = /^```text\n([\s\S]*?)\n```$/m.exec(entryOf(code)) ?? []
  return block?.split('\n') ?? []
}

function world(options: Partial<ManagerOptions> = {}) {
  const store = faultyStore(memoryStore())
  const sessions = createSessions<Data>({ store, secrets, initial: () => ({ cart: [] }), ...options })
  const create = async () => sessions.create({ cart: [] })
  return { store, sessions, create }
}

/** Two requests that have changed the same key; the first has saved. */
async function loser(options: Partial<ManagerOptions>) {
  const { sessions, create, store } = world(options)
  const { cookie, session } = await create()
  const opened = sessions.open(cookie)
  ;(await opened.load()).data.cart.push('milk')
  session.data.cart.push('tea')
  await session.save()
  return { opened, store, session }
}

/** A store that always has a newer record than the one expected. */
function contended(): SessionStore {
  const store = memoryStore()
  let newer: StoredRecord | null = null
  return {
    ...store,
    async put(key, record, options) {
      if (options.expected === null) return store.put(key, record, options)
      const counter = Number.parseInt(newer?.version ?? record.version, 10) + 1
      newer = { ...record, version: `${String(counter).padStart(10, '0')}.AAAAAAAA` }
      return { stored: false, current: newer }
    },
  }
}

const key = 'A'.repeat(43)
const oneReplica = { replicas: 1, withinTimeout: 100 }

function anyRecord(bytes = 1): StoredRecord {
  return { version: '0000000001.AAAAAAAA', expiresAt: Date.now() + 60_000, value: new Uint8Array(bytes).fill(1) }
}

/** Two nodes that do as their `fault` says. */
async function onRing(options: RingOptions, run: (store: RingStore, nodes: readonly FaultyStore[]) => Promise<unknown>): Promise<void> {
  const nodes = [faultyStore(memoryStore()), faultyStore(memoryStore())]
  const store = ring(
    [
      { name: 'one', store: nodes[0]! },
      { name: 'other', store: nodes[1]! },
    ],
    { copies: 2, nodeTimeout: 5_000, ...options },
  )
  try {
    await store.get(key)
    await run(store, nodes)
  } finally {
    await store.close?.()
  }
}

async function onMemcached(args: readonly string[], run: (store: SessionStore) => Promise<unknown>): Promise<void> {
  const memcached = await startMemcached({ memoryMegabytes: 2, args })
  const store = memcachedStore({ nodes: [memcached.address] })
  try {
    await run(store)
  } finally {
    await store.close?.()
    await memcached.close()
  }
}

async function elsewhere(options: MemcachedStoreOptions): Promise<void> {
  const store = memcachedStore(options)
  await store.get(key, { signal: AbortSignal.timeout(1_000) }).finally(() => store.close?.())
}

/** By code, the ways to meet it, in the order of the page. */
const provoked: Readonly<Record<SessionErrorCode, readonly (() => unknown)[]>> = {
  ERR_OPTION: [
    () => world({ idleTimeout: 30 }),
    () => world({ secrets: [process.env.NO_SUCH_SECRET] }),
    () => world({ secrets: ['too short'] }),
    () => world({ cookie: { sameSite: 'none', secure: false } }),
    async () => (await world().sessions.open(null).load()).update((async () => {}) as never),
    () => memcachedStore({ nodes: [] }),
    () => memcachedStore({ copies: 2, write: 3 }),
    () =>
      planFleet({
        engine: 'memcached',
        sessions: 1,
        bytesPerSession: 700,
        requestsPerSecond: 1,
        nodeMemoryBytes: 1024 ** 3,
        acceptableLossShare: 0,
      }),
  ],
  ERR_NO_MIDDLEWARE: [
    async () => {
      const app = new Hono()
      let met: unknown
      app.get('/', (c) => getSession(c).then(() => c.text(''))).onError((error, c) => ((met = error), c.text('')))
      await app.request('/')
      throw met
    },
  ],
  ERR_UNAVAILABLE: [
    async () => {
      const { sessions, store, create } = world()
      const { cookie } = await create()
      store.fault = () => 'hang'
      await sessions.open(cookie).load()
    },
    async () => {
      const { sessions, store, create } = world({ onUnavailable: 'anonymous' })
      const { cookie } = await create()
      store.fault = () => 'fail'
      const opened = sessions.open(cookie)
      ;(await opened.load()).data.cart.push('tea')
      await opened.commit()
    },
    async () => {
      const { store, create } = world()
      const { session } = await create()
      await store.delete(session.id)
      session.data.cart.push('tea')
      await session.save()
    },
    async () => {
      const { sessions, create } = world()
      const { cookie } = await create()
      await sessions.close()
      await sessions.open(cookie).load()
    },
    async () => elsewhere({ nodes: [`127.0.0.1:${await freePort()}`] }),
    async () => elsewhere({ discover: `127.0.0.1:${await freePort()}` }),
    () =>
      onRing({ ejectAfter: 1 }, async (store, nodes) => {
        for (const node of nodes) node.fault = () => 'fail'
        await vi.waitFor(async () => {
          await store.get(key).catch(() => {})
          expect(store.nodes().every(({ state }) => state === 'down')).toBe(true)
        }, 15_000)
        await store.get(key)
      }),
  ],
  ERR_REFUSED: [
    async () => {
      const redis = await startRedis({ args: ['--maxmemory', '1', '--maxmemory-policy', 'noeviction'] })
      const store = redisStore({ url: redis.url })
      try {
        await world({ store, operationTimeout: 5_000 }).create()
      } finally {
        await store.close?.()
        await redis.close()
      }
    },
    () =>
      onMemcached(['-M'], async (store) => {
        for (let count = 0; count < 1_000; count += 1)
          await store.put(String(count).padStart(43, 'A'), anyRecord(100_000), { expected: null })
      }),
  ],
  ERR_OUTCOME_UNKNOWN: [
    async () => {
      const { store, create } = world({ requestTimeout: 100 })
      const { session } = await create()
      store.fault = ({ method }) => (method === 'put' ? 'swallow' : undefined)
      session.data.cart.push('tea')
      await session.save()
    },
    () =>
      onRing({ nodeTimeout: 100 }, async (store, nodes) => {
        for (const node of nodes) node.fault = ({ method }) => (method === 'put' ? 'swallow' : undefined)
        await store.put(key, anyRecord(), { expected: null })
      }),
  ],
  ERR_NOT_DURABLE: [
    () => memoryStore().put(key, anyRecord(), { expected: null, durability: oneReplica }),
    () => onMemcached([], (store) => store.put(key, anyRecord(), { expected: null, durability: oneReplica })),
    () =>
      onRing({}, async (store, [, other]) => {
        other!.fault = ({ method }) => (method === 'put' ? 'fail' : undefined)
        await store.put(key, anyRecord(), { expected: null, durability: oneReplica })
      }),
  ],
  ERR_CONFLICT: [
    async () => (await loser({ onOverlap: 'fail' })).opened.commit(),
    async () => {
      const { sessions } = world({ store: contended(), requestTimeout: 1 })
      const { session } = await sessions.create({ cart: [] })
      session.update((data) => void data.cart.push('tea'))
      await session.save()
    },
  ],
  ERR_ENDED: [
    async () => {
      const { sessions, create } = world()
      const { cookie, session } = await create()
      const other = await sessions.open(cookie).load()
      other.destroy()
      await other.save()
      session.data.cart.push('tea')
      await session.save()
    },
    async () => {
      const { session } = await world().create()
      session.destroy()
      session.regenerate()
    },
  ],
  ERR_COMMITTED: [
    async () => {
      const opened = world().sessions.open(null)
      const session = await opened.load()
      await opened.commit()
      session.update((data) => void data.cart.push('tea'))
    },
  ],
  ERR_TOO_LARGE: [
    async () => {
      const { session } = await world().create()
      session.data.photo = 'x'.repeat(1_000_000)
      await session.save()
    },
    () => onMemcached([], (store) => store.put(key, anyRecord(1024 ** 2), { expected: null })),
  ],
  ERR_DATA: [
    async () => {
      const { session } = await world().create()
      session.data.photo = 5n
      await session.save()
    },
    async () => {
      const { session } = await world().create()
      session.data = new Map() as never
      await session.save()
    },
    async () => {
      const schema = {
        '~standard': { version: 1 as const, vendor: 'check', validate: () => ({ issues: [{ message: 'no', path: ['cart', 0] }] }) },
      }
      const sessions = createSessions({ store: memoryStore(), secrets, schema, initial: () => ({}) as never })
      await sessions.create({} as never)
    },
  ],
  ERR_RECORD: [
    async () => {
      const { opened, session, store } = await loser({})
      const found = (await store.get(session.id)) as StoredRecord
      // Another program writes what is no record of ours.
      await store.put(session.id, { ...found, version: '0000000003.AAAAAAAA', value: Buffer.from('hello') }, { expected: found.version })
      await opened.commit()
    },
    async () => {
      const store: SessionStore = { ...memoryStore(), put: async () => true as never }
      await world({ store }).create()
    },
  ],
}
const codes = Object.keys(provoked) as SessionErrorCode[]

async function messageOf(provoke: () => unknown, code: SessionErrorCode): Promise<string> {
  try {
    await provoke()
  } catch (error) {
    if (!isSessionError(error)) throw error
    expect(error.code).toBe(code)
    // As often as there was time for, and no less than the page says.
    return error.message
      .replace(/(?<=changed this session )\d+/, (times) => String(Math.min(Number(times), 8)))
      .replace(/(?<=^Redis at )127\.0\.0\.1:\d+/, 'localhost:6379')
      .replace(/127\.0\.0\.1:\d+/g, 'localhost:11211')
  }
  throw new Error(`this did not provoke ${code}`)
}

test('the page has an entry for each code, where errors link to, and for nothing else', () => {
  const headings = [...page.matchAll(/^## (ERR_\w+) \{#(\w+)\}$/gm)].map(([, code, anchor]) => `${code} ${anchor}`)
  expect(headings.toSorted()).toEqual(codes.map((code) => `${code} ${new URL(sessionError(code, '').docs).hash.slice(1)}`).toSorted())
})

test.each(codes)('%s: the page shows the very messages, its status, and whether the client is told to wait', async (code) => {
  const messages: string[] = []
  for (const provoke of provoked[code]) messages.push(await messageOf(provoke, code))
  expect(shownMessages(code)).toEqual(messages)

  const { status, headers } = sessionError(code, '')
  expect(/^\*\*Status\*\* (.*)\.$/m.exec(entryOf(code))?.[1]).toBe(
    headers['Retry-After'] === undefined ? String(status) : `${status}, with \`Retry-After: ${headers['Retry-After']}\``,
  )
})

test('what the page says that a client reads is what it reads', async () => {
  for (const code of codes) {
    const response = sessionError(code, '').getResponse()
    expect(page).toContain(`| ${response.status} | ${await response.text()} |`)
  }
})

test('over HTTP, the middleware answers with the same', async () => {
  const { sessions, store, create } = world()
  const { cookie } = await create()
  store.fault = () => 'fail'
  const app = new Hono().use(sessionMiddleware(sessions)).get('/', async (c) => c.text((await getSession(c)).id))
  const response = await app.request('/', { headers: { cookie } })
  expect(page).toContain(`| ${response.status} | ${await response.text()} |`)
})

const payloads: { readonly [Name in SessionEventName]: readonly (keyof SessionEvents[Name])[] } = {
  load: ['id', 'outcome', 'took', 'error'],
  commit: ['id', 'action', 'took', 'conflicts', 'error'],
  conflict: ['id', 'expected', 'found'],
  overlap: ['id', 'key', 'resolution'],
  'late-change': ['id'],
  missing: ['id', 'at'],
  ended: ['id', 'at'],
  'duplicate-cookie': ['id', 'count'],
  'bad-record': ['id', 'error'],
  'lost-change': ['id', 'expected', 'found', 'changes'],
  'not-replicated': ['node'],
  hedge: ['node', 'instead', 'because'],
  failover: ['from', 'to'],
  breaker: ['node', 'guards', 'state', 'reason'],
  node: ['node', 'state', 'reason', 'memory'],
  repair: ['id', 'node', 'found', 'version'],
  fork: ['id', 'kept', 'lost'],
  'hand-off-full': ['node'],
  'backup-behind': ['pending', 'oldest'],
}

test('the page has a row for each event, with its payload, and for nothing else', () => {
  const rows = [...(page.split('## Events')[1] ?? '').matchAll(/^\| `([\w-]+)` \| ([^|]*) \|/gm)]
  const shown = rows.map(([, name, payload = '']) => [name, [...payload.matchAll(/`(\w+)`/g)].map(([, key]) => key)])
  expect(Object.fromEntries(shown)).toEqual(payloads)
})
