import type { Redis } from 'ioredis'
import { sessionError } from '../../../errors.ts'
import type { PutResult, StoreOptions } from '../../../record/store.ts'
import type { Link } from './link.ts'
import { connectionProblem, isErrorReply, wasNeverSent } from './redis-errors.ts'

/** Connections of their own for changes that count once replicas have them: WAIT counts what its own connection has written, and blocks it. */
export interface ConfirmingLinks {
  /**
   * Makes a change, and tells how many replicas have it; 0 where it was not stored.
   *
   * @throws what `put` rejects with; `ERR_UNAVAILABLE` when there was no connection for it before the signal aborted;
   * `ERR_NOT_DURABLE` when the server does not let this user wait
   */
  confirm(change: ConfirmedChange, options: StoreOptions | undefined): Promise<Confirmed>
  /** Makes all connections anew: the name may lead to another server by now. */
  drop(problem: string): void
  /** Closes all connections; the next change opens one again. */
  release(): Promise<void>
}

export interface ConfirmedChange {
  readonly put: (client: Redis) => Promise<PutResult>
  /** How many replicas are waited for, and for how many milliseconds. */
  readonly replicas: number
  readonly within: number
}

export interface Confirmed {
  readonly result: PutResult
  readonly replicas: number
}

interface Waiting extends ConfirmedChange {
  readonly taken: () => void
  readonly resolve: (confirmed: Confirmed) => void
  readonly reject: (error: unknown) => void
}

/** So many connections at most; they are made when they are needed, and kept. */
const mostLinks = 4
/** So many of them for all that may wait for longer than this, in milliseconds: they hold up nobody who does not. */
const mostForLong = 2
const longWait = 200
/** So many changes share one WAIT at most: while one is waited for, the next gather. One by one, 50 callers would be served at a third of the pace. */
const mostAtOnce = 100
/** How long a call without a signal waits, in milliseconds. */
const waitAtMost = 2_000

export function confirmingLinks(open: (changed: () => void) => Link<Redis>): ConfirmingLinks {
  const links: Link<Redis>[] = []
  /** What they wait for. */
  const busy = new Map<Link<Redis>, ConfirmedChange>()
  const queue = new Set<Waiting>()

  function goOn(): void {
    for (;;) {
      const batch = nextBatch()
      if (batch === undefined) return
      const link = links.find((each) => each.isReady && !busy.has(each))
      if (link === undefined) return openAnother()
      for (const each of batch) {
        queue.delete(each)
        each.taken()
      }
      void run(link, batch)
    }
  }

  function openAnother(): void {
    if (links.length === mostLinks || links.some((link) => !link.isReady && !busy.has(link))) return
    const link = open(goOn)
    links.push(link)
    link.start()
  }

  /** The first of those that may go, and those that wait for the same. */
  function nextBatch(): Waiting[] | undefined {
    const isFull = [...busy.values()].filter(isLong).length >= mostForLong
    const waiting = [...queue]
    const first = waiting.find((each) => !(isFull && isLong(each)))
    if (first === undefined) return undefined
    return waiting.filter(({ replicas, within }) => replicas === first.replicas && within === first.within).slice(0, mostAtOnce)
  }

  async function run(link: Link<Redis>, batch: readonly Waiting[]): Promise<void> {
    const [first] = batch as [Waiting]
    busy.set(link, first)
    const stored: [Waiting, PutResult][] = []
    const puts = batch.map(async (each) => {
      link.replies.expect()
      try {
        const result = await each.put(link.client)
        link.replies.heard()
        if (result.stored) stored.push([each, result])
        else each.resolve({ result, replicas: 0 })
      } catch (error) {
        if (isErrorReply(error)) link.replies.heard()
        else link.replies.forget()
        if (isErrorReply(error, 'READONLY')) link.drop('it is a replica')
        if (wasNeverSent(error)) link.drop('the connection was lost')
        each.reject(error)
      }
    })
    await Promise.all(puts)
    try {
      const replicas = stored.length === 0 ? 0 : await replicasThatHave(link, first)
      for (const [each, result] of stored) each.resolve({ result, replicas })
    } catch (error) {
      for (const [each] of stored) each.reject(error)
    }
    busy.delete(link)
    goOn()
  }

  return {
    confirm: (change, options) =>
      new Promise((resolve, reject) => {
        const signal = options?.signal
        const giveUp = (): void => {
          waiting.taken()
          queue.delete(waiting)
          const [link] = links
          const problem = link?.isReady === true ? 'all connections are busy' : link?.problem
          reject(sessionError('ERR_UNAVAILABLE', `${link?.where} did not take a change in time (${problem}).`))
        }
        const timer = signal === undefined ? setTimeout(giveUp, waitAtMost) : undefined
        const taken = (): void => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', giveUp)
        }
        const waiting: Waiting = { ...change, taken, resolve, reject }
        queue.add(waiting)
        signal?.addEventListener('abort', giveUp)
        goOn()
        if (signal?.aborted === true && queue.has(waiting)) giveUp()
      }),
    drop(problem) {
      for (const link of links) link.drop(problem)
    },
    async release() {
      await Promise.all(links.splice(0).map((link) => link.close()))
    },
  }
}

function isLong({ within }: ConfirmedChange): boolean {
  return within > longWait
}

/** A server that does not answer WAIT in its time is silent, but was told to be silent that long. */
async function replicasThatHave(link: Link<Redis>, { replicas, within }: ConfirmedChange): Promise<number> {
  const giveUp = setTimeout(() => link.drop('it did not answer WAIT'), within + 300)
  try {
    return await link.client.wait(replicas, Math.ceil(within))
  } catch (error) {
    // Not the put, which is applied.
    if (!isErrorReply(error)) throw error
    throw sessionError('ERR_NOT_DURABLE', `${link.where} has the change, and refused to wait for replicas: ${connectionProblem(error)}`)
  } finally {
    clearTimeout(giveUp)
  }
}
