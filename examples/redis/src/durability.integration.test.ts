import { createSessions, onSessionEvent, type SessionManager } from '@holdfast/core'
import { redisStore, type RedisStoreOptions } from '@holdfast/core/redis'
import { startReplicatedRedis } from '@holdfast/testbed'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'

interface Data {
  cart: string[]
  order?: string
}
const secrets = ['only for the test of the examples']
const initial = (): Data => ({ cart: [] })

let servers: Awaited<ReturnType<typeof startReplicatedRedis>>
let options: RedisStoreOptions
beforeAll(async () => {
  servers = await startReplicatedRedis({ replicas: 1 })
  options = { url: servers.primary.url, replicas: servers.replicas.map(({ url }) => url) }
})
afterAll(() => servers?.close())

function closing(sessions: SessionManager<Data>): SessionManager<Data> {
  onTestFinished(() => sessions.close())
  return sessions
}

test('one change that must not get lost', async () => {
  const sessions = closing(createSessions({ store: redisStore(options), secrets, initial }))
  const { session } = await sessions.create({ cart: ['tea'] })
  // #region save
  session.data.order = 'A-1007'
  await session.save({ durability: { replicas: 1, withinTimeout: 500 } })
  // #endregion save
  expect(await servers.replicas[0]!.command('GET', `holdfast:${session.id}`)).toContain('A-1007')
})

test('all changes: on a replica too, where one keeps up; where none does, an event says so, and a number fails', async () => {
  const store = redisStore(options)
  const sessions = closing(
    // #region all
    createSessions<Data>({ store, secrets, initial, durability: 'replicated' }),
    // #endregion all
  )
  const { session } = await sessions.create({ cart: ['tea'] })
  expect(await servers.replicas[0]!.command('GET', `holdfast:${session.id}`)).toContain('tea')

  const alone: string[] = []
  onTestFinished(onSessionEvent('not-replicated', ({ node }) => void alone.push(node)))
  await servers.replicas[0]!.kill()
  const addAndSave = async (): Promise<number> => {
    session.data.cart.push('milk')
    // While the primary has not noticed yet, it is waited for.
    await session.save().catch(() => {})
    return alone.length
  }
  await expect.poll(addAndSave, { timeout: 10_000 }).toBeGreaterThan(0)
  expect(new Set(alone)).toEqual(new Set([`127.0.0.1:${servers.primary.port}`]))

  session.data.order = 'A-1008'
  const saved = session.save({ durability: { replicas: 1, withinTimeout: 100 } })
  await expect(saved).rejects.toMatchObject({ code: 'ERR_NOT_DURABLE' })
  await session.save({ durability: 'primary' })
})
