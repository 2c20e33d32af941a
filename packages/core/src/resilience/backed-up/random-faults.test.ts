import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, test, vi } from 'vitest'
import { onSessionEvent } from '../../events.ts'
import { decodeEnvelope } from '../../record/envelope.ts'
import { isEnded, type SessionStore, type StoredRecord } from '../../record/store.ts'
import { createSessions, type SessionManager } from '../../session/manager.ts'
import { memoryStore } from '../../stores/memory/memory-store.ts'
import { seeded } from '../../testing/seeded.ts'
import { browser, type Browser } from '../../testing/browser.ts'
import { faultyStore, type Fault } from '../../testing/faulty-store.ts'
import { backedUp, type BackedUpStore } from './backed-up.ts'

interface Data {
  /** Each change adds its name. */
  made: string[]
}

interface Node {
  readonly name: string
  readonly local: SessionStore
  readonly store: BackedUpStore
  readonly sessions: SessionManager<Data>
  state: 'up' | 'leaving' | 'dead'
}

const every = 20
const revalidate = 60
const silence = 500

/** What was put, by version: the names of the changes in it. Those of an end are what it ended. */
const contents = new Map<string, ReadonlySet<string>>()
const forks: { readonly kept: string; readonly lost: string }[] = []
let stop: () => void
beforeAll(() => void (stop = onSessionEvent('fork', (fork) => void forks.push(fork))))
afterAll(() => stop())

function contentsOf(version: string | null | undefined): ReadonlySet<string> {
  return contents.get(version ?? '') ?? new Set()
}

function noting(store: SessionStore): SessionStore {
  return {
    ...store,
    put(key, record, options) {
      contents.set(record.version, isEnded(record) ? contentsOf(options.expected) : new Set(madeIn(record)))
      return store.put(key, record, options)
    },
  }
}

function madeIn(record: StoredRecord): string[] {
  return (JSON.parse(Buffer.from(decodeEnvelope(record.value).data).toString()) as Data).made
}

/** Three nodes, each with sessions of its own, and one backup. */
function world(seed: number) {
  const random = seeded(seed)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const shared = memoryStore()
  let trouble: { readonly kind: 'fail' | 'hang' | 'swallow' | 'mixed'; readonly from: string | undefined } | undefined
  let troubleUntil = -Infinity
  let started = 0
  const history: string[] = []
  /** Changes that may be gone: with a node that died, or told by `fork`. */
  const forgiven = new Set<string>()
  let oldestLost = 0
  let known = 0

  function faultFor(node: Node): Fault {
    if (node.state === 'dead') return 'hang'
    if (trouble === undefined || (trouble.from !== undefined && trouble.from !== node.name))
      return random() < 0.5 ? undefined : Math.floor(random() * 4)
    return trouble.kind === 'mixed' ? pick(['fail', 'swallow', undefined, 3, 100]) : trouble.kind
  }

  function start(): Node {
    const name = `node ${started++}`
    const local = memoryStore()
    const way = faultyStore({ ...shared, close: async () => {} })
    const store = backedUp(local, way, { every, revalidate })
    const sessions = createSessions<Data>({
      store: noting(store),
      secrets: ['only for the tests of a backup with faults'],
      initial: () => ({ made: [] }),
      // What is shown here is what becomes of sessions, not how fast: a machine under load must not decide.
      operationTimeout: 500,
      requestTimeout: 1_000,
      strict: true,
    })
    const node: Node = { name, local, store, sessions, state: 'up' }
    way.fault = () => faultFor(node)
    return node
  }

  const nodes = [start(), start(), start()]

  function replace(old: Node): void {
    nodes.splice(nodes.indexOf(old), 1, start())
  }

  return {
    nodes,
    random,
    pick,
    history,
    forgiven,
    /** Nobody is told of the end of a session while the backup is not there, nor at once when it is back. */
    troubleUntil: () => (trouble === undefined ? troubleUntil : Infinity),
    oldestLost: () => oldestLost,
    async oneTrouble(): Promise<void> {
      trouble = { kind: pick(['fail', 'hang', 'swallow', 'mixed'] as const), from: random() < 0.5 ? undefined : pick(nodes).name }
      history.push(`${trouble.kind} ${trouble.from ?? 'everywhere'}`)
      await sleep(20 + random() * 400)
      trouble = undefined
      troubleUntil = performance.now() + silence
    },
    /** Its memory is gone, and what it had not copied yet. */
    async kill(ids: Iterable<string>): Promise<void> {
      const node = pick(nodes)
      node.state = 'dead'
      if (performance.now() > troubleUntil) oldestLost = Math.max(oldestLost, node.store.pending().oldest)
      history.push(`kill ${node.name}`)
      replace(node)
      for (const id of ids) {
        const [here, there] = [await node.local.get(id), await shared.get(id)]
        const copied = contentsOf(there?.version)
        for (const made of contentsOf(here?.version)) if (!copied.has(made)) forgiven.add(made)
      }
    },
    /** It is taken out on purpose. */
    async drain(): Promise<void> {
      const node = pick(nodes)
      node.state = 'leaving'
      history.push(`drain ${node.name}`)
      replace(node)
      await node.sessions.close({ within: 10_000 })
    },
    async quiet(): Promise<void> {
      await vi.waitFor(
        () => {
          if (nodes.some(({ store }) => store.pending().sessions > 0)) throw new Error('something waits to be copied')
        },
        { timeout: 10_000, interval: 10 },
      )
    },
    takeForks(): void {
      for (const { kept, lost } of forks.slice(known)) {
        const left = contentsOf(kept)
        for (const made of contentsOf(lost)) if (!left.has(made)) forgiven.add(made)
      }
      known = forks.length
    },
    close: async () => Promise.all(nodes.map(({ sessions }) => sessions.close())),
  }
}

interface Visitor {
  tab: Browser<Data>
  home: Node
  acknowledged: Map<string, 'plain' | 'durable'>
}

describe.concurrent('three nodes with a backup, while sessions move, nodes die and leave, and the backup is away at times', () => {
  test.for([1, 2, 3, 4, 5])(
    'no session is back from its end, and no change is lost but in the last moments of a node that died or by a fork that is told (seed %i)',
    { timeout: 60_000 },
    async (seed, { expect }) => {
      const { nodes, random, pick, history, forgiven, troubleUntil, oldestLost, oneTrouble, kill, drain, quiet, takeForks, close } =
        world(seed)
      const broken: string[] = []
      const breaks = (what: string): void => void broken.push(`${what}, after: ${history.slice(-6).join(', ')}`)
      const ended: { readonly cookie: string; readonly at: number }[] = []
      const ids = new Set<string>()
      const counts = { changes: 0, durable: 0, ends: 0, moves: 0, failed: 0 }
      let names = 0
      let isOver = false
      let isPaused = false
      let running = 0

      async function signIn(node: Node): Promise<Visitor | undefined> {
        const tab = browser(node.sessions)
        try {
          const { answer } = await tab.visit(async (session) => {
            session.regenerate({ subject: 'u1' })
            await session.save()
            return session.id
          })
          ids.add(answer)
          return node.state === 'dead' ? undefined : { tab, home: node, acknowledged: new Map() }
        } catch {
          return undefined
        }
      }

      /** One request. Answers whether the session goes on. */
      async function request(visitor: Visitor, node: Node): Promise<boolean> {
        const name = `${seed}.${names++}`
        const kind = random() < 0.06 ? 'end' : random() < 0.06 ? 'rotation' : random() < 0.2 ? 'durable' : 'plain'
        const tab = browser(node.sessions, visitor.tab.jar)
        const { cookie } = tab
        let wasLive = true
        try {
          const { answer } = await tab.visit(async (session) => {
            if (session.outcome !== 'live') {
              wasLive = false
              if (node.state !== 'dead') breaks(`${node.name} found a session ${session.outcome}`)
              return session.id
            }
            if (kind === 'end') session.destroy()
            else session.update((data) => void data.made.push(name))
            if (kind === 'rotation') session.regenerate()
            if (kind === 'durable') await session.save({ durability: 'replicated' })
            return session.id
          })
          if (node.state === 'dead' || !wasLive) return false
          if (kind === 'end' || kind === 'rotation') ended.push({ cookie, at: performance.now() })
          counts[kind === 'end' ? 'ends' : kind === 'plain' ? 'changes' : 'durable'] += 1
          if (kind === 'end') return false
          if (answer !== undefined) ids.add(answer)
          visitor.acknowledged.set(name, kind === 'plain' ? 'plain' : 'durable')
          visitor.tab = tab
          return true
        } catch {
          counts.failed += 1
          // What became of it nobody knows; of a plain change nothing did.
          return kind === 'plain' && node.state !== 'dead'
        }
      }

      async function user(visitors: (Visitor | undefined)[], at: number): Promise<void> {
        for (; !isOver; await sleep(random() * 8)) {
          if (isPaused) continue
          running += 1
          const visitor = (visitors[at] ??= await signIn(pick(nodes)))
          if (visitor !== undefined) {
            if (visitor.home.state !== 'up' || random() < 0.05) {
              visitor.home = pick(nodes)
              counts.moves += 1
            }
            if (!(await request(visitor, visitor.home))) visitors[at] = undefined
          }
          running -= 1
        }
      }

      /** Somebody who has kept a cookie, at times without the one that says how new the session must be; and who changes what it opens. */
      async function thief(): Promise<void> {
        for (; !isOver; await sleep(2)) {
          if (isPaused || ended.length === 0) continue
          const { cookie, at } = pick(ended.slice(-10))
          const node = pick(nodes)
          const presented = random() < 0.5 ? cookie : cookie.split(';', 1)[0]
          const isKnown = performance.now() > Math.max(at + revalidate, troubleUntil())
          await browser(
            node.sessions,
            presented!.split('; ').map((pair) => pair.split(/=(.*)/s) as unknown as [string, string]),
          )
            .visit((session) => {
              if (session.outcome === 'live') {
                // One that has died meanwhile asks nobody any more, and is heard by nobody.
                if (isKnown && troubleUntil() < Infinity && node.state !== 'dead')
                  breaks(`${node.name} found a session live ${performance.now() - at} ms after its end`)
                session.data.made.push('theft')
              }
            })
            .catch(() => {})
        }
      }

      /** Everybody waits, everything is copied: nothing may be missing, on no node. */
      async function compare(visitors: readonly (Visitor | undefined)[]): Promise<void> {
        isPaused = true
        await vi.waitFor(() => expect(running).toBe(0), { timeout: 10_000, interval: 5 })
        await sleep(Math.max(troubleUntil() - performance.now(), 0))
        await quiet()
        await sleep(revalidate + 1)
        takeForks()
        for (const visitor of visitors) {
          if (visitor === undefined) continue
          for (const { name, sessions } of nodes) {
            const { outcome, data } = await sessions.open(visitor.tab.cookie).load()
            if (outcome !== 'live') breaks(`${name} has a session ${outcome}`)
            const counted = new Set(data.made)
            if (counted.size < data.made.length) breaks(`${name} has a change twice`)
            for (const [made, kind] of visitor.acknowledged)
              if (!counted.has(made) && (kind === 'durable' || !forgiven.has(made))) breaks(`${name} has lost the ${kind} change ${made}`)
          }
        }
        for (const { cookie } of ended) {
          for (const { name, sessions } of nodes) {
            const { outcome } = await sessions.open(cookie).load()
            if (outcome === 'live') breaks(`${name} has an ended session again`)
          }
        }
        isPaused = false
      }

      const visitors: (Visitor | undefined)[] = Array.from({ length: 8 }, () => undefined)
      const all = Promise.all([...visitors.map(async (_, at) => user(visitors, at)), thief()])
      for (let round = 0; round < 10 && broken.length === 0; round += 1) {
        await sleep(random() * 150)
        if (random() < 0.5) await oneTrouble()
        if (random() < 0.4) await kill(ids)
        if (random() < 0.3) await sleep(random() * 200)
        if (random() < 0.3) await drain()
        if (random() < 0.6) await compare(visitors)
      }
      await compare(visitors)
      isOver = true
      await all
      await close()
      expect(broken).toEqual([])
      // Most of it went well: something was shown.
      expect(counts.changes).toBeGreaterThan(forgiven.size)
      expect(oldestLost()).toBeLessThan(10 * (every + 80))
    },
  )
})
