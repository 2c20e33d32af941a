import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { isSessionError } from '../../errors.ts'
import type { StoredRecord } from '../../record/store.ts'
import { counterOf, isEndedVersion } from '../../record/version.ts'
import { lateNews, type Way } from '../../testing/late-news.ts'
import { seeded } from '../../testing/seeded.ts'
import { nearCache, type NearCache } from './near-cache.ts'

interface Process extends Way {
  readonly cache: NearCache
}

type How = 'get' | 'fresh' | 'stale'

const maxAge = 60
const maxStale = 150
const users = 6
const requestsEach = 60

/** Three processes with near caches before one store, and what is wrong with what they answer. */
function world(seed: number) {
  const random = seeded(seed)
  const kind = { tells: seed % 4 !== 0, replicated: seed % 3 !== 0, maxEntries: seed % 5 === 0 ? 2 : 100 }
  const { way, statesOf, note, history, away, loseLast } = lateNews({ random, ...kind })
  const broken: string[] = []

  function start(name: string): Process {
    const own = way(name)
    return { ...own, cache: nearCache(own.store, { maxAge, maxStale, maxEntries: kind.maxEntries, hedgeAfter: 3 }) }
  }

  /** Asks for a session, and compares the answer with all that the process knew then. Undefined: there was none. */
  async function ask({ name, cache, known, copied, learn }: Process, key: string, how: How, cookie: string | undefined) {
    const askedAt = performance.now()
    const asked = note(`${name}: ${how} ${key}, at least ${cookie}`)
    const { lost } = known
    const [change, own, end] = [known.changes, known.own, known.ends].map((each) => each.get(key) ?? 0) as [number, number, number]
    let record: StoredRecord | null
    try {
      record = await (how === 'stale'
        ? cache.getStale!(key, { atLeast: cookie })
        : cache.get(key, { atLeast: cookie, fresh: how === 'fresh' }))
    } catch {
      return undefined
    }
    const version = record?.version
    // Until when the authority had this: it may be an answer for no longer.
    const last = statesOf(key).findLast((state) => state.record?.version === version)
    const { until, untilAt } = last ?? { until: -1, untilAt: -1 }
    const isCopied = (copied.get(`${key} ${version}`) ?? 0) > asked
    const told = `${name}: ${how} ${key}, at least ${cookie}, is ${version}`
    note(told)
    const demand = (holds: boolean, what: string): void => void (holds || broken.push(`${told}: ${what}`))
    if (record !== null)
      demand(Buffer.from(record.value).toString() === (isEndedVersion(record.version) ? '' : version), "it has another one's data")
    if (how === 'stale') {
      if (record === null) return undefined
      demand(cookie === undefined || record.version >= cookie, 'it is older than the cookie')
      demand(untilAt >= askedAt - maxStale, 'it is older than maxStale')
      demand(isEndedVersion(record.version) || until > end, 'it was known to have ended')
      return record
    }
    demand(until > asked || cookie === undefined || (record !== null && record.version >= cookie), 'it is older than the cookie')
    demand(until > asked || how !== 'fresh', 'it is not fresh')
    demand(untilAt >= askedAt - maxAge, 'it is older than maxAge')
    // Of what a replica says only that is known which there was room to remember.
    demand(until > change || (isCopied && kind.maxEntries < 10), 'more was known')
    demand(until > own || isCopied, 'more was tried or read here')
    demand(until > lost || isCopied, 'it is from before news were lost')
    // What there is no room for is forgotten, and of what was lost before that is told nobody can say which was the newer.
    if (record !== null && !isCopied && kind.maxEntries > 10 && !statesOf(key).some(({ isLost }) => isLost))
      learn(key, record.version, 'own')
    return record
  }

  /** Answers the version that was stored, as the freshness cookie tells it. */
  async function put({ name, cache, learn }: Process, key: string, over: StoredRecord | null): Promise<string | undefined> {
    const counter = String(counterOf(over?.version ?? null) + 1).padStart(10, '0')
    const stamp = Math.floor(random() * 36 ** 8)
      .toString(36)
      .padStart(8, '0')
    const version = random() < 0.15 ? `e${counter}.${stamp}.0` : `${counter}.${stamp}`
    const record = { version, expiresAt: Date.now() + 3_600_000, value: Buffer.from(isEndedVersion(version) ? '' : version) }
    try {
      const { stored } = await cache.put(key, record, { expected: over?.version ?? null })
      note(`${name}: put ${key} ${version}, ${stored}`)
      if (!stored) return undefined
      learn(key, version)
      return version
    } catch (error) {
      const isUnknown = isSessionError(error) && error.code === 'ERR_OUTCOME_UNKNOWN'
      note(`${name}: put ${key} ${version}, ${isUnknown ? 'nobody knows' : 'failed'}`)
      if (isUnknown) learn(key, version, isEndedVersion(version) ? 'changes' : 'own')
      return undefined
    }
  }

  return { kind, random, history, broken, start, ask, put, away, loseLast }
}

async function run(seed: number): Promise<void> {
  const { kind, random, history, broken, start, ask, put, away, loseLast } = world(seed)
  const sleep = (most: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, random() * most))
  const processes = ['p', 'q', 'r'].map(start)
  const anyone = (): Process => processes[Math.floor(random() * 3)] as Process
  let keysMade = 0
  const keys = ['first', 'second', 'third']
  let isOver = false

  async function user(): Promise<void> {
    const cookies = new Map<string, string>()
    for (let request = 0; request < requestsEach && broken.length === 0; request += 1) {
      await sleep(8)
      const [process, place] = [anyone(), Math.floor(random() * 3)]
      const key = keys[place] as string
      const how: How = random() < 0.15 ? 'stale' : random() < 0.15 ? 'fresh' : 'get'
      const record = await ask(process, key, how, random() < 0.5 ? cookies.get(key) : undefined)
      if (record === undefined || random() < 0.5) continue
      if (record !== null && isEndedVersion(record.version)) {
        if (random() < 0.1) keys[place] = `key ${(keysMade += 1)}`
        continue
      }
      if (random() < 0.1) await process.cache.touch(key, Date.now() + 3_700_000)
      const version = await put(process, key, record)
      if (version !== undefined) cookies.set(key, version)
    }
  }

  async function troubles(): Promise<void> {
    while (!isOver) {
      await sleep(120)
      const trouble = random()
      if (trouble < 0.5) await anyone().cut()
      else if (trouble < 0.75) await away()
      else {
        await loseLast(keys[Math.floor(random() * 3)] as string)
        await Promise.all(processes.map(async ({ cut }) => cut()))
      }
    }
  }

  const troubled = troubles()
  const used = Promise.all(Array.from({ length: users }, user)).finally(() => (isOver = true))
  // All is bounded: more than that, and somebody waits for ever.
  for (let passed = 0; passed < 20_000 && !isOver; passed += 20) await vi.advanceTimersByTimeAsync(20)
  expect(isOver).toBe(true)
  await used
  await vi.advanceTimersByTimeAsync(1_000)
  await troubled
  if (broken.length > 0) throw new Error([...broken, `seed ${seed}, ${JSON.stringify(kind)}:`, ...history.slice(-200)].join('\n'))
  for (const { cache } of processes) expect(cache.stats().entries).toBeLessThanOrEqual(kind.maxEntries)
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const seeds = Array.from({ length: 20 }, (_, n) => n + 1)

describe('three near caches, while answers and news come late, in any order or never, and a server goes with its last change', () => {
  test.each(seeds)('no answer is older than what its process knows, the cookie, or maxAge; none brings an end back (seed %i)', run)
})
