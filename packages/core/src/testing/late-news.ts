import { sessionError } from '../errors.ts'
import type { GetOptions, SessionStore, StoreChange, StoredRecord } from '../record/store.ts'
import { isEndedVersion } from '../record/version.ts'
import { memoryStore } from '../stores/memory/memory-store.ts'
import { announcingStore } from './announcing-store.ts'

/** What the authority had under a key; `since` and `until` count all that happened, `untilAt` is of `performance.now()`. */
export interface State {
  readonly record: StoredRecord | null
  readonly since: number
  until: number
  untilAt: number
  /** With the server that had it. */
  isLost: boolean
}

/** What one process knows for sure, in the count of what happened. */
export interface Known {
  /** The last change that it has heard of or made, by key; and the last end. */
  readonly changes: Map<string, number>
  readonly ends: Map<string, number>
  /** The last change that was read here, or made and not answered. */
  readonly own: Map<string, number>
  /** When it was last told that news may be lost. */
  lost: number
}

/** One process's way to the store. */
export interface Way {
  readonly name: string
  readonly store: SessionStore
  readonly known: Known
  /** What a replica has answered with, by key and version; in the count of what happened. */
  readonly copied: Map<string, number>
  learn(key: string, version: string, list?: 'changes' | 'own'): void
  /** For a while it hears nothing; it is told of that, and of the end of it. */
  cut(): Promise<void>
}

export interface LateNewsOptions {
  readonly random: () => number
  /** Whether it tells of changes. */
  readonly tells: boolean
  /** Whether it has replicas, which are behind by up to 25 ms. */
  readonly replicated: boolean
}

const lag = 25

/**
 * A store with replicas whose answers and news come late or never, in any order, and which at times loses its last change; and the order in
 * which all that happened.
 */
export function lateNews({ random, tells, replicated }: LateNewsOptions) {
  const upTo = (most: number): number => Math.floor(random() * (most + 1))
  const sleep = (most: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, upTo(most)))
  const all = new Map<string, State[]>()
  const history: string[] = []
  let isAway = false

  function note(what: string): number {
    return history.push(`${performance.now()}: ${what}`)
  }

  function statesOf(key: string): State[] {
    const states = all.get(key) ?? [{ record: null, since: 0, until: Infinity, untilAt: Infinity, isLost: false }]
    all.set(key, states)
    return states
  }

  function become(key: string, record: StoredRecord): void {
    const since = note(`${key} is ${record.version}`)
    Object.assign(statesOf(key).at(-1) as State, { until: since, untilAt: performance.now() })
    statesOf(key).push({ record, since, until: Infinity, untilAt: Infinity, isLost: false })
  }

  const memory = memoryStore()
  const authority = announcingStore({
    ...memory,
    async put(key, record, options) {
      const result = await memory.put(key, record, options)
      if (result.stored && statesOf(key).at(-1)?.record?.version !== record.version) become(key, record)
      return result
    },
  })

  async function trip(mayFail: number): Promise<void> {
    await sleep(random() < 0.1 ? 30 : 6)
    if (random() < mayFail) throw sessionError('ERR_UNAVAILABLE', 'It is not there.')
  }

  function way(name: string): Way {
    const known: Known = { changes: new Map(), ends: new Map(), own: new Map(), lost: 0 }
    const copied = new Map<string, number>()
    let listener: ((change: StoreChange) => void) | undefined
    let link = 0
    let isCut = false
    let heardUntil = 0

    function learn(key: string, version: string, list: 'changes' | 'own' = 'changes'): void {
      const since = statesOf(key).find(({ record }) => record?.version === version)?.since ?? 0
      known[list].set(key, Math.max(known[list].get(key) ?? 0, since))
      if (isEndedVersion(version)) known.ends.set(key, since)
    }

    function onChange(tell: (change: StoreChange) => void): () => void {
      listener = tell
      return authority.onChange!((change) => {
        if (change === 'lost' || isCut) return
        const { key, version } = change
        const now = link
        // In their order, as by one connection.
        heardUntil = Math.max(heardUntil, performance.now() + upTo(12))
        setTimeout(() => {
          if (now !== link) return
          note(`${name} hears of ${key} ${version}`)
          learn(key, version)
          tell(change)
        }, heardUntil - performance.now())
      })
    }

    function lose(): void {
      if (listener === undefined) return
      known.lost = note(`${name} has lost news`)
      listener('lost')
    }

    const store: SessionStore = {
      ...memory,
      answersFromCopies: replicated,
      async get(key, { fresh, atLeast }: GetOptions = {}) {
        if (fresh !== true && replicated) {
          await trip(0.1)
          const seenAt = performance.now() - upTo(lag)
          const { record } = statesOf(key).find(({ untilAt, isLost }) => untilAt > seenAt && !isLost) as State
          copied.set(`${key} ${record?.version}`, note(`a replica tells ${name} of ${key}`))
          if (atLeast === undefined || (record !== null && record.version >= atLeast)) return record
        }
        await trip(isAway ? 1 : 0.05)
        const record = await memory.get(key)
        await trip(0.05)
        return record
      },
      async put(...change) {
        await trip(isAway ? 1 : 0.05)
        const applied = random() < 0.1 ? sleep(30).then(() => authority.put(...change)) : authority.put(...change)
        if (random() < 0.8) {
          const result = await applied
          await sleep(10)
          return result
        }
        await Promise.race([applied, sleep(10)])
        throw sessionError('ERR_OUTCOME_UNKNOWN', 'Nobody knows.')
      },
      ...(tells ? { onChange } : {}),
    }

    async function cut(): Promise<void> {
      isCut = true
      link += 1
      await sleep(15)
      lose()
      await sleep(random() < 0.5 ? 0 : 100)
      isCut = false
      lose()
    }

    return { name, store, known, copied, learn, cut }
  }

  return {
    way,
    statesOf,
    note,
    history,
    /** The server that takes changes does not answer for a while. */
    async away(): Promise<void> {
      isAway = true
      await sleep(60)
      isAway = false
    },
    /** Another server takes its place, which has not heard of the last change. Whoever listened has to be `cut`. */
    async loseLast(key: string): Promise<void> {
      const [before, last] = statesOf(key).slice(-2)
      if (last === undefined || before === undefined || before.record === null) return
      last.isLost = true
      await memory.delete(key)
      await memory.put(key, before.record, { expected: null })
      become(key, before.record)
    },
  }
}
