import { emitWarning } from 'node:process'
import type { RedisClient } from './redis-client.ts'
import { isErrorReply } from './redis-errors.ts'

// Deadlines are instants of this machine's clock and are carried out by the clock of Redis.
const warnAbove = 5_000
const refuseAbove = 5 * 60_000

export interface ClockCheck {
  /**
   * Compares the clocks; warns once when they are over 5 s apart. Answers why sessions cannot be kept there, where they are over
   * 5 min apart. Rejects when Redis does not answer.
   */
  check(client: RedisClient): Promise<string | undefined>
}

export function clockCheck(where: string): ClockCheck {
  let hasWarned = false
  return {
    async check(client) {
      const offset = Math.round(await offsetOf(client))
      const words = `The clock of ${where} is ${Math.abs(offset) / 1_000} s ${offset > 0 ? 'ahead of' : 'behind'} this machine's.`
      if (Math.abs(offset) > refuseAbove) {
        return `${words} Sessions would end at wrong times: set both clocks right (NTP).`
      }
      if (Math.abs(offset) > warnAbove && !hasWarned) {
        hasWarned = true
        emitWarning(`${words} Sessions end earlier or later by as much: set both clocks right (NTP).`, {
          type: 'HoldfastWarning',
          code: 'HOLDFAST_CLOCK',
        })
      }
      return undefined
    },
  }
}

/** Milliseconds by which the clock of Redis is ahead, give or take half a round trip. 0 where TIME is not allowed. */
async function offsetOf(client: RedisClient): Promise<number> {
  const sentAt = Date.now()
  try {
    const [seconds, microseconds] = await client.time()
    return Number(seconds) * 1_000 + Number(microseconds) / 1_000 - (sentAt + Date.now()) / 2
  } catch (error) {
    if (isErrorReply(error)) return 0
    throw error
  }
}
