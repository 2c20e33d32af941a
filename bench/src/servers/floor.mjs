import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { contents } from './contents.mjs'

const milliseconds = 30 * 60_000

/**
 * The least that a session in Redis can cost: an unsigned cookie, one round trip by ioredis with autopipelining, JSON. Nothing is
 * verified, renewed, merged or bounded.
 */
export function floor(redisUrl) {
  const redis = new Redis(redisUrl, { enableAutoPipelining: true })
  const keyOf = (cookie) => cookie.slice(cookie.indexOf('sid=') + 4)

  async function read(cookie) {
    return JSON.parse(await redis.get(keyOf(cookie)))
  }
  return {
    read,
    async change(cookie) {
      const data = await read(cookie)
      data.visits += 1
      await redis.set(keyOf(cookie), JSON.stringify(data), 'PX', milliseconds)
      return data
    },
    /** Answers the Set-Cookie header. */
    async fill() {
      const id = randomUUID()
      await redis.set(id, JSON.stringify(contents()), 'PX', milliseconds)
      return `sid=${id}; Path=/`
    },
  }
}
