import { setTimeout as sleep } from 'node:timers/promises'
import { signedIn, type Visitor } from './visitor.ts'

/** Somebody who is signed in, and changes their session until it is over. */
export interface Changing {
  readonly name: string
  readonly visitor: Visitor
  /** The changes that were acknowledged: what the session counted then, by whom, and when, of `performance.now()`. */
  readonly acknowledged: { readonly count: number; readonly node: string; readonly at: number }[]
  readonly failures: string[]
  /** Resolves with the last answer. */
  readonly over: Promise<void>
}

/** So many of them, each with some ten changes a second. */
export async function changing(origin: string, many: number, isOver: () => boolean): Promise<Changing[]> {
  return Promise.all(
    Array.from({ length: many }, async (_, n): Promise<Changing> => {
      const name = `user-${n}`
      const { visitor, answers } = await signedIn(origin, name)
      const acknowledged = answers.map(({ count, node }) => ({ count, node, at: performance.now() }))
      const failures: string[] = []
      async function change(): Promise<void> {
        while (!isOver()) {
          try {
            const { count, node } = await visitor.ask('POST', '/count')
            acknowledged.push({ count, node, at: performance.now() })
          } catch (error) {
            failures.push((error as Error).message)
          }
          await sleep(100)
        }
      }
      return { name, visitor, acknowledged, failures, over: change() }
    }),
  )
}
