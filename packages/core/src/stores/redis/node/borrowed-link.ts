import { clockCheck } from './clock-check.ts'
import type { Link } from './link.ts'
import type { RedisClient } from './redis-client.ts'
import { nobodyWatches } from '../../../waiting/silence-watch.ts'

/** The user's client: theirs to configure and to close. `changed` as for a link of our own. */
export function borrowedLink(client: RedisClient, changed: () => void): Link {
  const where = 'Redis (on the client that was handed in)'
  const clock = clockCheck(where)
  let isReady = false
  let isChecking = false
  let isClosed = false
  let refusal: string | undefined
  let timer: NodeJS.Timeout | undefined
  client.on('ready', check)
  client.on('close', broken)
  client.on('end', changed)

  /** Commands wait for the answer to one, so that no session is judged by a clock that is known to be wrong. */
  function check(): void {
    if (isChecking) return
    isReady = false
    isChecking = true
    clock.check(client).then(
      (found) => {
        isChecking = false
        if (isClosed || client.status !== 'ready') return
        refusal = found
        isReady = found === undefined
        if (!isReady) timer = setTimeout(check, lookAgainAfter).unref()
        changed()
      },
      // The connection was lost meanwhile: the next 'ready' checks again.
      () => {
        isChecking = false
      },
    )
  }

  function broken(): void {
    isReady = false
    clearTimeout(timer)
  }

  return {
    client,
    where,
    problem: undefined,
    replies: nobodyWatches,
    get isReady() {
      return isReady && client.status === 'ready'
    },
    get refusal() {
      return refusal
    },
    get hasEnded() {
      return client.status === 'end'
    },
    // It may be ready long since, or may not have been asked to connect.
    start() {
      if (client.status === 'ready') check()
      else if (client.status === 'wait') client.connect().catch(() => {})
    },
    broken,
    drop() {},
    async close() {
      isClosed = true
      isReady = false
      clearTimeout(timer)
      client.off('ready', check)
      client.off('close', broken)
      client.off('end', changed)
    },
  }
}

/** How soon a clock that was refused is looked at again, in milliseconds. */
const lookAgainAfter = 2_000
