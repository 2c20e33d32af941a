import { setTimeout as sleep } from 'node:timers/promises'
import { createSessions } from '@holdfast/core'
import { nodeOf, type Arrangement } from './arrangements.ts'

/** How long after a sign-out was answered on one node the last requests came that two others took for signed in, in milliseconds. */
export interface SignOuts {
  readonly arrangement: string
  readonly rounds: number
  readonly median: number
  readonly longest: number
  /** The promise. */
  readonly within: number
}

/** Signs out on one of three nodes, over and over, and asks the two others with the old cookies until they refuse. */
export async function signOutsOf(arrangement: Arrangement, redisUrl: string, rounds: number): Promise<SignOuts> {
  const { name, signOutWithin: within = 0 } = arrangement
  const nodes = Array.from({ length: 3 }, () =>
    createSessions({ store: nodeOf(arrangement, redisUrl).store, secrets: ['only for this measurement, 32 bytes'] }),
  )
  const [here, ...others] = nodes as [(typeof nodes)[0], ...typeof nodes]
  const took: number[] = []
  try {
    await Promise.all(nodes.map((sessions) => sessions.ready()))
    // Until all listen to news, where there is some.
    await sleep(300)
    await Promise.all(Array.from({ length: rounds }, round))
  } finally {
    await Promise.all(nodes.map((sessions) => sessions.close()))
  }
  const sorted = took.toSorted((one, other) => one - other)
  return { arrangement: name, rounds, median: sorted[sorted.length >> 1]!, longest: sorted.at(-1)!, within }

  async function round(_: unknown, number: number): Promise<void> {
    // One after the other, so that each has the nodes for itself, and as far apart as ages are long.
    await sleep(number * 50)
    const { cookie } = await here.create({}, { subject: 'u1' })
    const isLive = async (sessions: typeof here): Promise<boolean> => (await sessions.open(cookie).load()).outcome === 'live'
    for (const other of others) if (!(await isLive(other))) throw new Error(`${name}: a session does not show on another node`)
    const leaving = here.open(cookie)
    ;(await leaving.load()).destroy()
    await leaving.commit()
    const from = performance.now()
    await Promise.all(
      others.map(async (other) => {
        let last = 0
        for (let askedAt = from; await isLive(other); askedAt = performance.now()) {
          last = askedAt - from
          await sleep(1)
        }
        took.push(last)
      }),
    )
  }
}
