import { setImmediate as nextTurn } from 'node:timers/promises'
import type { PutOptions, PutResult, SessionStore } from '../record/store.ts'
import { isSessionError } from '../errors.ts'
import { anyRecord } from './any-record.ts'

/** What came of a load. */
export interface LoadReport {
  /** How many times a key was put and read. */
  readonly done: number
  /** Puts whose outcome was unknown, and that the identical put settled. */
  readonly settled: number
  /** Everything else, in words: calls that failed, changes that were lost or came back, what nobody put. */
  readonly wrong: readonly string[]
}

export interface SteadyLoad {
  /** Resolves once each key was put and read so many times more. */
  rounds(count: number): Promise<void>
  stop(): Promise<LoadReport>
}

/** How often the identical put is sent to settle an unknown outcome. */
const mostTries = 5

/** Puts and reads each of these keys in turn, all of them at once, and knows what must be there. */
export function steadyLoad(store: SessionStore, keys: readonly string[], durability?: PutOptions['durability']): SteadyLoad {
  const wrong: string[] = []
  const rounds = new Map<string, number>(keys.map((key) => [key, 0]))
  let settled = 0
  let isStopped = false

  async function work(key: string): Promise<void> {
    let version: string | null = null
    while (!isStopped) {
      const record = anyRecord(version, `${key} after ${version}`)
      const result = await put(key, record, version)
      if (result?.stored === false) wrong.push(`a put after ${version} met ${result.current?.version ?? 'nothing'}`)
      if (result?.stored === true) version = record.version
      await read(key, version)
      rounds.set(key, (rounds.get(key) as number) + 1)
      await nextTurn()
    }
  }

  async function put(key: string, record: ReturnType<typeof anyRecord>, expected: string | null): Promise<PutResult | undefined> {
    for (let tries = 1; ; tries += 1) {
      try {
        const result = await store.put(key, record, { expected, durability, signal: AbortSignal.timeout(5_000) })
        if (tries > 1) settled += 1
        return result
      } catch (error) {
        if (isSessionError(error) && error.code === 'ERR_OUTCOME_UNKNOWN' && tries < mostTries) continue
        wrong.push(`put: ${isSessionError(error) ? `${error.code} ${error.message}` : String(error)}`)
        return undefined
      }
    }
  }

  async function read(key: string, version: string | null): Promise<void> {
    const options = { signal: AbortSignal.timeout(5_000), ...(version === null ? {} : { atLeast: version }) }
    const found = await store.get(key, options).catch((error: Error) => error)
    if (found instanceof Error) wrong.push(`get: ${found.message}`)
    else if ((found?.version ?? null) !== version) wrong.push(`a get after ${version} found ${found?.version ?? 'nothing'}`)
  }

  const working = Promise.all(keys.map(work))
  return {
    async rounds(count) {
      const goals = new Map([...rounds].map(([key, done]) => [key, done + count]))
      while ([...goals].some(([key, goal]) => (rounds.get(key) as number) < goal)) await nextTurn()
    },
    async stop() {
      isStopped = true
      await working
      return { done: [...rounds.values()].reduce((sum, each) => sum + each, 0), settled, wrong }
    },
  }
}
