import { setTimeout as sleep } from 'node:timers/promises'
import type { Arrangement } from './arrangements.ts'
import { startNode, type RemoteNode } from './remote-node.ts'

/** How long after a sign-out was answered on one node the last requests came that two others took for signed in, in milliseconds. */
export interface SignOuts {
  readonly arrangement: string
  readonly rounds: number
  readonly median: number
  readonly longest: number
  /** The promise. */
  readonly within: number
}

/** Sign-outs at once: where only age ends a copy, each takes as long as that. */
const atOnce = 10

/** Signs out on one of three nodes, each a process, over and over, and asks the two others with the old cookies until they refuse. */
export async function signOutsOf({ name, signOutWithin: within = 0 }: Arrangement, redisUrl: string, rounds: number): Promise<SignOuts> {
  const nodes = [0, 1, 2].map(() => startNode(name, redisUrl))
  const [here, ...others] = nodes as [RemoteNode, ...RemoteNode[]]
  const took: number[] = []
  try {
    // Until all are connected, and listen to news where there is some.
    for (const node of nodes) await node.isLive(await node.create())
    await sleep(500)
    for (let round = 0; round < rounds; round += atOnce)
      await Promise.all(Array.from({ length: Math.min(atOnce, rounds - round) }, signOut))
  } finally {
    await Promise.all(nodes.map((node) => node.close()))
  }
  const sorted = took.toSorted((one, other) => one - other)
  return { arrangement: name, rounds, median: sorted[sorted.length >> 1]!, longest: sorted.at(-1)!, within }

  async function signOut(_: unknown, number: number): Promise<void> {
    // As far apart as ages are long.
    await sleep(number * 30)
    const cookie = await here.create()
    for (const other of others) if (!(await other.isLive(cookie))) throw new Error(`${name}: a session does not show on another node`)
    await here.signOut(cookie)
    const from = performance.now()
    await Promise.all(
      others.map(async (other) => {
        let last = 0
        for (let askedAt = from; await other.isLive(cookie); askedAt = performance.now()) {
          last = askedAt - from
          await sleep(0)
        }
        took.push(last)
      }),
    )
  }
}
