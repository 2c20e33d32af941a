import type { ServerResponse } from 'node:http'
import type { SetHeaders } from '../session/apply-headers.ts'
import { shutGate, type Settled } from './response-gate.ts'

/** What an answer waits for. */
export interface Awaited {
  /** Called once, when the first byte is sent. Answers the headers to send, at once where nothing has to be saved. */
  settle(): SetHeaders | Promise<SetHeaders>
  /** Told what went wrong where no handler can be told any more. */
  report(error: unknown): void
}

// The ESM and the CJS copy of this package share the gate: in a row, one would not see the other's head leave.
const key: unique symbol = Symbol.for('holdfast.gate') as never

/** Makes an answer of which nothing has been sent wait; a response has one gate, whatever the number of sessions. */
export function holdBack(res: ServerResponse & { [key]?: Awaited[] | undefined }, awaited: Awaited): void {
  const others = res[key]
  if (others !== undefined) {
    others.push(awaited)
    return
  }
  const all = (res[key] = [awaited])
  shutGate(res, {
    commit() {
      res[key] = undefined
      const settled = all.map((each) => each.settle())
      if (settled.some((each) => each instanceof Promise)) return settleLater(all, settled)
      const [headers = []] = settled as SetHeaders[]
      return { headers: settled.length === 1 ? headers : (settled as SetHeaders[]).flat(), failed: [] }
    },
    report: (error) => awaited.report(error),
  })
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
