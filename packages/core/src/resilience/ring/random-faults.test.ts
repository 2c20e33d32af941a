import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { sessionError } from '../../errors.ts'
import type { SessionStore } from '../../record/store.ts'
import { createSessions, type SessionManager } from '../../session/manager.ts'
import { memoryStore } from '../../stores/memory/memory-store.ts'
import { browser } from '../../testing/browser.ts'
import { faultyStore, type Fault } from '../../testing/faulty-store.ts'
import { seeded } from '../../testing/seeded.ts'
import { ring } from './ring.ts'
import type { RingNode, RingStore } from './ring-options.ts'

/** What befalls a node: it loses its memory (`kill`), loses replies (all, or some: `mute`), takes no changes, or one process is cut off. */
const troubles = ['kill', 'fail', 'hang', 'slow', 'swallow', 'mute', 'refuse', 'partition'] as const

interface Process {
  readonly name: string
  readonly store: RingStore
  readonly sessions: SessionManager<{ count: number }>
}

const nodeTimeout = 30
const settleFor = 50

/** Three processes on rings of the same machines. */
function world(seed: number) {
  const random = seeded(seed)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const memories = new Map<string, SessionStore>(['a', 'b', 'c', 'd'].map((name) => [name, memoryStore()]))
  let listed = ['a', 'b', 'c']
  let trouble: { readonly kind: (typeof troubles)[number]; readonly node: string; readonly from: string } | undefined
  let isQuiet = false
  let last = ''
  let started = 0
  const history: string[] = []

  function faultFor(method: string, node: string, process: string): Fault {
    if (trouble?.node !== node || (trouble.kind === 'partition' && trouble.from !== process)) return undefined
    const { kind } = trouble
    if (kind === 'kill') return 'fail'
    if (kind === 'partition') return 'hang'
    if (kind === 'slow') return Math.floor(random() * 60)
    if (kind === 'refuse' || (kind === 'mute' && random() < 0.7)) return undefined
    if (kind === 'swallow' || kind === 'mute') return method === 'get' ? 'fail' : 'swallow'
    return kind
  }

  function way(name: string, process: string): RingNode {
    const there = (): SessionStore => memories.get(name) as SessionStore
    const changing = async (): Promise<SessionStore> => {
      if (trouble?.kind === 'refuse' && trouble.node === name) throw sessionError('ERR_REFUSED', 'It takes no changes.')
      return there()
    }
    const store = faultyStore({
      get: (...args) => there().get(...args),
      put: async (...args) => (await changing()).put(...args),
      touch: async (...args) => (await changing()).touch(...args),
      delete: (...args) => there().delete(...args),
    })
    store.fault = ({ method }) => faultFor(method, name, process)
    return { name, store }
  }

  function start(): Process {
    const name = `process ${started++}`
    const nodes = listed.map((node) => way(node, name))
    const store = ring(nodes, { copies: 2, nodeTimeout, ejectAfter: 60, hedgeAfter: 5_000, settleFor })
    // What is shown here is what becomes of sessions, not how fast: a machine under load must not decide.
    const patience = { operationTimeout: 5_000, requestTimeout: 10_000 }
    const secrets = ['only for the tests of the ring with faults']
    const sessions = createSessions<{ count: number }>({ store, secrets, initial: () => ({ count: 0 }), ...patience })
    return { name, store, sessions }
  }

  const processes = [start(), start(), start()]
  let underWay = 0

  /** Until these have handed over all that a node has missed. Where all is quiet, what was asked before may fail yet, and be owed then. */
  async function allWell(of: readonly Process[]): Promise<void> {
    const isWell = ({ store }: Process): boolean =>
      store.nodes().every(({ state, handOff }) => (state === 'up' || state === 'leaving') && handOff === 0)
    await vi.waitFor(() => expect(isQuiet ? underWay : 0).toBe(0), { timeout: 10_000, interval: 10 })
    // One by one, as deadlines count: a stall of this process is one of them.
    for (let turn = 0; turn < 4; turn += 1) await sleep(nodeTimeout)
    await vi.waitFor(() => expect(of.every(isWell)).toBe(true), { timeout: 10_000, interval: 10 })
  }

  return {
    processes,
    history,
    isQuiet: () => isQuiet,
    random,
    pick,
    /** A request, until it is answered. */
    async asking<T>(request: () => Promise<T>): Promise<T> {
      underWay += 1
      return request().finally(() => (underWay -= 1))
    },
    /** One node is in trouble for a while, and well again, for all processes; those that lost their memory have been read since. */
    async oneTrouble(readAll: (process: Process) => Promise<void>): Promise<void> {
      // Another one than before: what that one has missed is needed now.
      last = pick(listed.filter((name) => name !== last))
      const [kind, node, from] = [pick(troubles), last, pick(processes).name] as const
      trouble = { kind, node, from }
      history.push(kind === 'partition' ? `${kind} of ${node} from ${from}` : `${kind} ${node}`)
      if (kind === 'kill') memories.set(node, memoryStore())
      isQuiet = false
      await sleep(20 + random() * 250)
      trouble = undefined
      // What a node has missed is read by nobody before the next one is in trouble: it must have been handed over. Only where memory was
      // lost do sessions need to be read once.
      isQuiet = kind !== 'kill'
      await allWell(processes)
      await sleep(2 * settleFor)
      if (kind === 'kill') await readAll(pick(processes))
    },
    async restartOne(): Promise<void> {
      const place = Math.floor(random() * processes.length)
      const [old] = processes.splice(place, 1, start())
      // Its last requests.
      if (old !== undefined) await allWell([old])
      await old?.sessions.close()
      history.push(`restart of ${old?.name}`)
    },
    async changeNodes(): Promise<void> {
      listed = listed.length === 4 ? ['a', 'b', pick(['c', 'd'])] : ['a', 'b', 'c', 'd']
      history.push(`nodes ${listed.join('')}`)
      for (const { name, store } of processes) {
        store.setNodes(listed.map((node) => way(node, name)))
        await sleep(random() * 10)
      }
      await sleep(2 * settleFor)
    },
    close: async () => Promise.all(processes.map(({ sessions }) => sessions.close())),
  }
}

describe.concurrent('two copies, while nodes get into trouble one at a time, come and go, and processes are restarted', () => {
  test.for([1, 2, 3, 4, 5])(
    'no request fails, no acknowledged change is lost or made twice, no session is missing, none is back from its end (seed %i)',
    { timeout: 60_000 },
    async (seed, { expect }) => {
      const { processes, history, isQuiet, random, pick, asking, oneTrouble, restartOne, changeNodes, close } = world(seed)
      const broken: string[] = []
      const living: string[] = []
      const ended: string[] = []
      let isOver = false
      const breaks = (what: string): void => void broken.push(`${what}, after: ${history.slice(-5).join(', ')}`)

      /** Changes a session, request after request, each at any process; signs out now and then, and begins anew. */
      async function user(id: number): Promise<void> {
        let jar = new Map<string, string>()
        let acknowledged = 0
        for (; !isOver; await sleep(random() * 10)) {
          if (isQuiet()) continue
          const { name, sessions } = pick(processes)
          const tab = browser(sessions, jar)
          const { cookie } = tab
          const isLeaving = acknowledged > 0 && random() < 0.05
          try {
            const { answer } = await asking(() =>
              tab.visit((session) => {
                const found = { outcome: session.outcome, count: session.data.count }
                if (isLeaving) session.destroy()
                else session.update((data) => void (data.count += 1))
                return found
              }),
            )
            if (answer.outcome !== (acknowledged > 0 ? 'live' : 'new')) breaks(`${name} found a session ${answer.outcome}`)
            if (answer.count !== acknowledged) breaks(`${name} found ${answer.count} of ${acknowledged} acknowledged changes`)
            acknowledged = isLeaving ? 0 : answer.count + 1
          } catch (error) {
            breaks(`${name}: ${String(error)}`)
            acknowledged = 0
          }
          if (isLeaving) ended.push(cookie)
          jar = acknowledged > 0 ? tab.jar : new Map()
          living[id] = acknowledged > 0 ? tab.cookie : ''
        }
      }

      /** Somebody who has kept a cookie, at times without the one that says how new the session must be. */
      async function thief(): Promise<void> {
        for (; !isOver; await sleep(3)) {
          if (isQuiet() || ended.length === 0) continue
          const cookie = pick(ended.slice(-10))
          const { name, sessions } = pick(processes)
          const presented = random() < 0.5 ? cookie : cookie.split(';', 1)[0]
          await asking(() => sessions.open(presented).load()).then(
            ({ outcome }) => outcome === 'ended' || breaks(`${name} found an ended session ${outcome}`),
            (error: unknown) => breaks(`${name}, asked for an ended session: ${String(error)}`),
          )
        }
      }

      const all = Promise.all([...Array.from({ length: 8 }, async (_, id) => user(id)), thief()])
      for (let round = 0; round < 12 && broken.length === 0; round += 1) {
        await oneTrouble(async ({ sessions }) => {
          for (const cookie of [...living, ...ended]) if (cookie !== '') await sessions.open(cookie).load()
        })
        if (random() < 0.3) await restartOne()
        if (random() < 0.3) await changeNodes()
      }
      isOver = true
      await all
      await close()
      expect(broken).toEqual([])
    },
  )
})
