import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { freePort, startRedisCluster, startReplicatedRedis, startSentinels, type RedisServer, type Sentinels } from '@holdfast/testbed'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { isSessionError } from '../../errors.ts'
import type { SessionStore } from '../../record/store.ts'
import { anyKey, anyRecord } from '../../testing/any-record.ts'
import { redisStore, type RedisStoreOptions } from './redis-store.ts'

/** Sockets and look-ups that keep the process alive. */
function held(): string[] {
  return process.getActiveResourcesInfo().filter((resource) => /TCP|TLS|Connect|GetAddrInfo/i.test(resource))
}

function listeners(): number {
  return process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0)
}

/** What the testbed has opened is closed a moment later. */
async function nothingHeld(): Promise<void> {
  await expect.poll(held, { timeout: 5_000 }).toEqual([])
}

/** Calls of each kind that are under way; each must settle, with an error of the store's where it is none. */
function calls(store: SessionStore): Promise<unknown>[] {
  const [key, durability] = [anyKey(), { replicas: 1, withinTimeout: 5_000 }]
  const all: Promise<unknown>[] = [
    store.get(key),
    store.get(key, { fresh: true }),
    store.put(key, anyRecord(), { expected: null }),
    store.put(key, anyRecord(), { expected: null, durability }),
    store.touch(key, Date.now() + 1_000),
    store.delete(key),
  ]
  return all.map((call) => call.catch((error: unknown) => expect(isSessionError(error)).toBe(true)))
}

async function closesClean(options: RedisStoreOptions, breakIt: () => Promise<void> | void): Promise<void> {
  await nothingHeld()
  const before = listeners()
  const store = redisStore(options)
  store.onChange!(() => {})
  await store.get(anyKey())
  await Promise.all(calls(store).slice(0, 4))
  await breakIt()
  const underWay = calls(store)
  await Promise.all([store.close?.(), store.close?.()])
  await store.close?.()
  await Promise.all(underWay)
  await expect(store.get(anyKey())).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE', message: expect.stringContaining('closed') })
  await nothingHeld()
  expect(listeners()).toBe(before)
}

describe('close() leaves no socket and no listener, settles every call, and may be called twice', () => {
  test.each([
    ['nothing is wrong', () => {}],
    ['all servers hang', (servers: readonly RedisServer[]) => servers.forEach((server) => server.pause())],
    ['all servers are dead', async (servers: readonly RedisServer[]) => void (await Promise.all(servers.map((server) => server.kill())))],
  ])('a primary and its replica, %s', async (_, breakAll) => {
    const { primary, replicas, close } = await startReplicatedRedis({ replicas: 1 })
    onTestFinished(close)
    const options = { url: primary.url, replicas: replicas.map(({ url }) => url) }
    await closesClean(options, () => breakAll([primary, ...replicas]))
  })

  test('Sentinels, in the middle of a failover', async () => {
    const group = await startSentinels({ replicas: 1, sentinels: 1, downAfter: 300 })
    onTestFinished(() => group.close())
    const place = { sentinels: group.sentinels.map(({ url }) => url), name: group.name }
    const first = await group.primary()
    await closesClean(place, async () => {
      await first.kill()
      const failing = (): Promise<string> => group.sentinels[0]!.command('SENTINEL', 'MASTER', group.name).then(String)
      await expect.poll(failing, { timeout: 15_000, interval: 10 }).toContain('failover_in_progress')
    })
  })

  test('a Cluster whose nodes hang', async () => {
    const cluster = await startRedisCluster()
    onTestFinished(() => cluster.close())
    await closesClean({ cluster: cluster.urls }, () => cluster.nodes.forEach((node) => node.pause()))
  })

  test('what has never been asked, and what has never been reached', async () => {
    await nothingHeld()
    const nobody = `redis://127.0.0.1:${await freePort()}`
    for (const options of [
      { url: nobody },
      { sentinels: [nobody], name: 'main' },
      { cluster: [nobody] },
      { url: nobody, replicas: ['redis://127.0.0.1:1'] },
    ]) {
      await redisStore(options).close?.()
      const store = redisStore(options)
      const underWay = calls(store)
      await store.close?.()
      await Promise.all(underWay)
    }
    await nothingHeld()
  })
})

describe('a process that closes its store ends by itself', () => {
  let group: Sentinels
  beforeAll(async () => {
    group = await startSentinels({ replicas: 1, sentinels: 1, downAfter: 30_000 })
  })
  afterAll(() => group.close())

  async function runProcess(): Promise<string> {
    const place = { sentinels: group.sentinels.map(({ url }) => url), name: group.name }
    const module = new URL('redis-store.ts', import.meta.url).href
    const code = `
      const { redisStore } = await import(${JSON.stringify(module)})
      const store = redisStore(${JSON.stringify(place)})
      store.onChange(() => {})
      const outcome = await store.get('key', { signal: AbortSignal.timeout(1_000) }).then(() => 'answered', ({ code }) => code)
      const underWay = [store.get('key'), store.delete('key')].map((call) => call.catch(() => {}))
      await store.close()
      await Promise.all(underWay)
      console.log(outcome)`
    const args = ['--conditions=@holdfast/source', '--import', 'tsx', '--input-type=module', '--eval', code]
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 40_000 })
    return stdout.trim()
  }

  test('while all is well, and while everything hangs', async () => {
    expect(await runProcess()).toBe('answered')
    for (const server of [...group.nodes, ...group.sentinels]) server.pause()
    expect(await runProcess()).toBe('ERR_UNAVAILABLE')
  })
})
