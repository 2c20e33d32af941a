import { inspect } from 'node:util'
import { connectionsNamed, startRedis, type RedisServer } from '@holdfast/testbed'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import type { SessionStore } from '../../../record/store.ts'
import { anyKey, anyRecord } from '../../../testing/any-record.ts'
import { changeLog } from '../../../testing/change-log.ts'
import { redisStore } from '../redis-store.ts'

const waiting = { timeout: 15_000 }
const records = [
  '~holdfast:*',
  '+get',
  '+del',
  '+eval',
  '+evalsha',
  '+time',
  '+client|setname',
  '+info',
  '+getrange',
  '+set',
  '+pexpireat',
  '+strlen',
  '+setrange',
]
const channel = ['&holdfast:changes', '+publish', '+subscribe']

let redis: RedisServer
const warnings: string[] = []
const listen = (warning: Error): void => void warnings.push(inspect(warning))
beforeAll(async () => {
  redis = await startRedis()
  process.on('warning', listen)
})
afterAll(async () => {
  process.off('warning', listen)
  await redis.close()
})
beforeEach(async () => {
  warnings.length = 0
  await redis.command('ACL', 'LOG', 'RESET')
})

async function allow(...permissions: readonly string[]): Promise<void> {
  await redis.command('ACL', 'SETUSER', 'app', 'reset', 'on', '>secret', 'resetchannels', ...records, ...permissions)
}

function open(): SessionStore {
  const store = redisStore({ url: redis.url, username: 'app', password: 'secret' })
  onTestFinished(() => store.close?.())
  return store
}

async function works(store: SessionStore): Promise<void> {
  const [key, record] = [anyKey(), anyRecord()]
  const next = anyRecord(record.version)
  expect(await store.put(key, record, { expected: null })).toEqual({ stored: true })
  expect(await store.put(key, next, { expected: record.version })).toEqual({ stored: true })
  expect(await store.put(key, anyRecord(), { expected: null })).toMatchObject({ stored: false, current: { version: next.version } })
  expect(await store.get(key)).toMatchObject({ version: next.version })
}

/** How often this user was kept from something. */
async function refusals(): Promise<number> {
  const log = (await redis.command('ACL', 'LOG')) as string[][]
  return log.reduce((sum, entry) => sum + Number(entry[1]), 0)
}

test('the channel and two commands more are all that is needed', async () => {
  await allow(...channel)
  const store = open()
  const log = changeLog(store)
  await works(store)
  await log.hears(store)
  expect([await refusals(), warnings]).toEqual([0, []])
})

test.each([
  ['has no channel', ['+publish', '+subscribe']],
  ['may not publish', ['&holdfast:changes', '+subscribe']],
  ['has neither the channel nor the commands', []],
])(
  'a user who %s loses no change and no read, and where nobody listens nothing is said; Redis logs one refusal and not one for each change',
  async (_, permissions) => {
    await allow(...permissions)
    const store = open()
    for (let time = 0; time < 20; time += 1) await works(store)
    expect([await refusals(), warnings]).toEqual([1, []])
  },
)

test('who may not subscribe is told so once, with what cures it; it is tried again now and then over the same connection', async () => {
  await allow('+publish', '&holdfast:changes')
  const store = open()
  changeLog(store)
  await works(store)
  await expect
    .poll(() => warnings, waiting)
    .toEqual([expect.stringMatching(/subscribe to the channel holdfast:changes[^]*HOLDFAST_REDIS_NO_CHANNEL/)])
  const [id] = await connectionsNamed(redis, 'holdfast-changes')
  await new Promise((resolve) => setTimeout(resolve, 5_000))
  await works(store)
  expect(await connectionsNamed(redis, 'holdfast-changes')).toEqual([id])
  expect(warnings).toHaveLength(1)
  expect(warnings[0]).toContain('&holdfast:changes +publish +subscribe')
  expect(warnings[0]).not.toContain('secret')
  // One try each 2 s.
  expect(await refusals()).toBeLessThan(10)
})

test('once it may subscribe it listens, with nothing restarted', async () => {
  await allow('+publish', '&holdfast:changes')
  const store = open()
  const log = changeLog(store)
  await works(store)
  await expect.poll(() => warnings.length, waiting).toBe(1)
  expect(log.lost).toBe(1)
  await allow(...channel)
  await expect.poll(() => log.lost, waiting).toBe(2)
  await log.hears(store)
})

test('who may listen and not announce is told so, once', async () => {
  await allow('+subscribe', '&holdfast:changes')
  const store = open()
  changeLog(store)
  await works(store)
  await works(store)
  await expect
    .poll(() => warnings, waiting)
    .toEqual([expect.stringMatching(/publish to the channel holdfast:changes[^]*HOLDFAST_REDIS_NO_CHANNEL/)])
})

test('who is kept from it later says that it is lost', async () => {
  await allow(...channel)
  const store = open()
  const log = changeLog(store)
  await store.get(anyKey())
  await log.hears(store)
  const before = log.lost
  await allow('+publish', '&holdfast:changes')
  await expect.poll(() => log.lost, waiting).toBeGreaterThan(before)
  await expect.poll(() => warnings.length, waiting).toBe(1)
})
