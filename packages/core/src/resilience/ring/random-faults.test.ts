import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { sessionError } from '../../errors.ts'
import { onSessionEvent } from '../../events.ts'
import type { SessionStore } from '../../record/store.ts'
import { createSessions, type SessionManager } from '../../session/manager.ts'
import { memoryStore } from '../../stores/memory/memory-store.ts'
import { browser } from '../../testing/browser.ts'
import { faultyStore, type Fault } from '../../testing/faulty-store.ts'
import { ring } from './ring.ts'
import type { RingNode, RingStore } from './ring-options.ts'

/** What befalls a node, for all processes or for one: `refuse` takes no changes, `mute` swallows every third reply, `kill` loses its memory. */
const troubles = ['kill', 'fail', 'hang', 'slow', 'swallow', 'mute', 'refuse', 'partition'] as const

interface Process {
  readonly name: string
  readonly store: RingStore
  readonly sessions: SessionManager<{ count: number }>
}

const settleFor = 50

/** Three processes on rings of the same machines. */
function world(seed: number) {
  const random = seeded(seed)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const memories = new Map<string, SessionStore>(['a', 'b', 'c', 'd'].map((name) => [name, memoryStore()]))
  let listed = ['a', 'b', 'c']
  let trouble: { readonly kind: (typeof troubles)[number]; readonly node: string; readonly from: string } | undefined
  let started = 0

  function faultFor(method: string, node: string, process: string): Fault {
    if (trouble?.node !== node || (trouble.kind === 'partition' && trouble.from !== process)) return undefined
    const { kind } = trouble
    if (kind === 'kill') return 'fail'
    if (kind === 'partition') return 'hang'
    if (kind === 'slow') return Math.floor(random() * 60)
    if (kind === 'refuse') return undefined
    if (kind === 'mute' && random() < 0.7) return undefined
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
    const store = ring(nodes, { copies: 2, nodeTimeout: 30, ejectAfter: 60, hedgeAfter: 5, settleFor })
    // What is shown here is what becomes of sessions, not how fast: a machine under load must not decide.
    const patience = { operationTimeout: 5_000, requestTimeout: 10_000 }
    const sessions = createSessions({ store, secrets: ['only for the tests of the ring with faults'], initial: () => ({ count: 0 }), ...patience })
    return { name, store, sessions }
  }

  const processes = [start(), start(), start()]
  return {
    processes,
    random,
    pick,
    /** One node is in trouble for a while, and well again, for all processes; those that lost their memory have been read since. */
    async oneTrouble(readAll: (process: Process) => Promise<void>): Promise<string> {
      trouble = { kind: pick(troubles), node: pick(listed), from: pick(processes).name }
      const { kind, node, from } = trouble
      if (kind === 'kill') memories.set(node, memoryStore())
      await sleep(20 + random() * 250)
      trouble = undefined
      const isWell = ({ store }: Process): boolean => store.nodes().every(({ state, handOff }) => (state === 'up' || state === 'leaving') && handOff === 0)
      await vi.waitFor(() => expect(processes.every(isWell)).toBe(true), { timeout: 10_000, interval: 10 })
      await sleep(2 * settleFor)
      await readAll(pick(processes))
      return `${kind} ${node}${kind === 'partition' ? ` from ${from}` : ''}`
    },
    async restartOne(): Promise<void> {
      const place = Math.floor(random() * processes.length)
      const [old] = processes.splice(place, 1, start())
      await old?.sessions.close()
    },
    async changeNodes(): Promise<void> {
      listed = listed.length === 4 ? ['a', 'b', pick(['c', 'd'])] : ['a', 'b', 'c', 'd']
      for (const { name, store } of processes) {
        store.setNodes(listed.map((node) => way(node, name)))
        await sleep(random() * 10)
      }
      await sleep(2 * settleFor)
    },
    close: async () => Promise.all(processes.map(({ sessions }) => sessions.close())),
  }
}

/** Mulberry32. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), 1 | state)
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
  }
}

describe.concurrent('two copies on three or four nodes, one of which is in trouble at a time, under load', () => {
  test.for([1, 2, 3, 4])(
    'no request fails, no acknowledged change is lost or made twice, no session is missing or comes back (seed %i)',
    { timeout: 30_000 },
    async (seed, { expect }) => {
      const { processes, random, pick, oneTrouble, restartOne, changeNodes, close } = world(seed)
      const history: string[] = []
      const broken: string[] = []
      const living = new Map<number, string>()
      const ended: string[] = []
      let isOver = false
      const until = performance.now() + 12_000

      /** Changes a session, request after request, each at another process; signs out now and then, and begins anew. */
      async function user(id: number): Promise<void> {
        let jar: Map<string, string> = new Map()
        let acknowledged = 0
        while (!isOver) {
          await sleep(random() * 10)
          const { name, sessions } = pick(processes)
          const tab = browser(sessions, jar)
          const isLeaving = acknowledged > 0 && random() < 0.05
          const work = tab.visit(({ outcome, data, ...session }) => [outcome, data.count])
          void work
        }
      }
      void [living, ended, history, broken, until, user, oneTrouble, restartOne, changeNodes]
      await close()
      expect(broken).toEqual([])
    },
  )
})
