import { startRedis, type RedisServer } from '@holdfast/testbed'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { candidatesOf, frameworkNames, frameworks, type Variant } from './candidates.ts'
import { kinds, type Kind } from './measure.ts'
import { makeSessions, sessionCount } from './load.ts'
import { commandsSent, resetCommands, total } from './redis-commands.ts'
import { startServer } from './server-process.ts'

/** Commands that Redis is sent for one request of each kind. */
const commands: Readonly<Record<Exclude<Variant, 'peer'>, Readonly<Record<Kind, number>>>> = {
  bare: { none: 0, read: 0, change: 0 },
  floor: { none: 0, read: 1, change: 2 },
  redis: { none: 0, read: 1, change: 2 },
  memory: { none: 0, read: 0, change: 0 },
  near: { none: 0, read: 0, change: 1 },
}

const requests = 10

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(async () => redis.close())

describe.each(frameworks)('what is measured on %s', (framework) => {
  test.each(candidatesOf([framework], false))(
    `${frameworkNames[framework]}, $name: answers the same, and asks Redis as often as it should`,
    async (candidate) => {
      const variant = candidate.variant as keyof typeof commands
      const server = await startServer(candidate, redis.url)
      try {
        const [cookie = 'session=none', ...others] = variant === 'bare' ? [] : await makeSessions(server)
        if (variant !== 'bare') expect(new Set([cookie, ...others]).size).toBe(sessionCount)
        // A near cache is measured warm.
        await (await fetch(`${server.origin}/read`, { headers: { cookie } })).body?.cancel()
        const sent: Partial<Record<Kind, number>> = {}
        for (const kind of kinds) {
          await resetCommands(redis)
          for (let request = 0; request < requests; request += 1) {
            const answer = await fetch(`${server.origin}/${kind}`, { headers: { cookie } })
            expect(answer.status).toBe(200)
            expect(await answer.json()).toEqual({ user: 'Ann Example', visits: kind === 'change' && variant !== 'bare' ? request + 1 : 0 })
          }
          sent[kind] = total(await commandsSent(redis)) / requests
        }
        expect(sent).toEqual(commands[variant])
        expect((await server.cpu()).all).toBeGreaterThan(0)
      } finally {
        await server.stop()
      }
    },
  )
})
