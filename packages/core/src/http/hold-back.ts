import type { ServerResponse } from 'node:http'
import type { SetHeaders } from '../session/apply-headers.ts'
import { commitsOf, shutGate, type Awaited, type Commits, type Settled } from './response-gate.ts'

/** Makes an answer of which nothing has been sent wait; a response has one gate, whatever the number of sessions. */
export function holdBack(res: ServerResponse, awaited: Awaited): void {
  if (commitsOf(res)?.add(awaited) !== true) shutGate(res, new Waiting(awaited))
}

/** The sessions of one answer, the first of which is told what went wrong. */
class Waiting implements Commits {
  readonly #all: Awaited[]
  #begun = false

  constructor(first: Awaited) {
    this.#all = [first]
  }

  add(awaited: Awaited): boolean {
    if (!this.#begun) this.#all.push(awaited)
    return !this.#begun
  }

  commit(): Settled | Promise<Settled> {
    this.#begun = true
    const settled = this.#all.map((each) => each.settle())
    if (settled.some((each) => each instanceof Promise)) return settleLater(this.#all, settled)
    const [headers = []] = settled as SetHeaders[]
    return { headers: settled.length === 1 ? headers : (settled as SetHeaders[]).flat(), failed: [] }
  }

  report(error: unknown): void {
    this.#all[0]?.report(error)
  }
}

async function settleLater(all: readonly Awaited[], settling: readonly (SetHeaders | Promise<SetHeaders>)[]): Promise<Settled> {
  const settled = await Promise.allSettled(settling.map((each) => Promise.resolve(each)))
  return {
    headers: settled.flatMap((each) => (each.status === 'fulfilled' ? each.value : [])),
    failed: settled.flatMap((each, index) => {
      if (each.status === 'fulfilled') return []
      all[index]?.report(each.reason)
      return [each.reason as unknown]
    }),
  }
}
