import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Session } from '@holdfast/core'
import type { ServerName } from '../servers/server-name.ts'
import { addOne, type Shop } from './shop.ts'

/** What one request of a race answers. */
export interface RaceResult {
  readonly by: ServerName
  /** How often its change ran: once, and again for each newer cart that it met. */
  readonly runs: number
}

/** Adds an item as a slow handler does: the session is loaded, a database is asked, and meanwhile others are faster. */
export async function race(session: Session<Shop>, sku: string, by: ServerName): Promise<RaceResult> {
  await sleep(randomInt(5, 25))
  let runs = 0
  session.update((data) => {
    runs += 1
    addOne(data, sku, by)
  })
  // Now instead of with the answer, which tells how often the change ran.
  await session.save()
  return { by, runs }
}
