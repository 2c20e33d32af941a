import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { freePort, startMemcached, type MemcachedServer } from '@holdfast/testbed'
import { describe, expect, onTestFinished, test } from 'vitest'
import { isSessionError } from '../../errors.ts'
import type { SessionStore } from '../../record/store.ts'
import { anyKey, anyRecord } from '../../testing/any-record.ts'
import { memcachedStore, type MemcachedStoreOptions } from './memcached-store.ts'

async function started(count: number): Promise<MemcachedServer[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => startMemcached()))
  onTestFinished(async () => void (await Promise.all(servers.map((server) => server.close()))))
  return servers
}

/** Sockets and look-ups that keep the process alive; what the testbed has opened is closed a moment later. */
async function nothingHeld(): Promise<void> {
  const held = (): string[] => process.getActiveResourcesInfo().filter((resource) => /TCP|TLS|Connect|GetAddrInfo/i.test(resource))
  await expect.poll(held, { timeout: 5_000 }).toEqual([])
}

/** Calls of each kind that are under way; each must settle, with an error of the store's where it is none. */
function calls(store: SessionStore): Promise<unknown>[] {
  const key = anyKey()
  const all: Promise<unknown>[] = [
    store.get(key),
    store.put(key, anyRecord(), { expected: null }),
    store.touch(key, Date.now() + 1_000),
    store.delete(key),
  ]
  return all.map((call) => call.catch((error: unknown) => expect(isSessionError(error)).toBe(true)))
}

async function closesClean(options: MemcachedStoreOptions, breakIt: () => unknown): Promise<void> {
  await nothingHeld()
  const store = memcachedStore(options)
  await Promise.all(calls(store))
  await breakIt()
  const underWay = calls(store)
  await Promise.all([store.close?.(), store.close?.()])
  await store.close?.()
  await Promise.all(underWay)
  for (const call of [
    store.get(anyKey()),
    store.put(anyKey(), anyRecord(), { expected: null }),
    store.touch(anyKey(), 1),
    store.delete(anyKey()),
  ])
    await expect(call).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE', message: expect.stringContaining('closed') })
  await nothingHeld()
}

describe('close() leaves no socket, settles every call, and may be called twice', () => {
  test.each([
    ['nothing is wrong', () => {}],
    ['all servers hang', (servers: readonly MemcachedServer[]) => servers.forEach((server) => server.pause())],
    ['all servers are dead', (servers: readonly MemcachedServer[]) => Promise.all(servers.map((server) => server.kill()))],
  ])('%s: one server, and three of them', async (_, breakAll) => {
    for (const count of [1, 3]) {
      const servers = await started(count)
      await closesClean({ nodes: servers.map(({ address }) => address), copies: count === 1 ? 1 : 2 }, () => breakAll(servers))
    }
  })

  test('what has never been asked, what has never been reached, and what was never discovered', async () => {
    await nothingHeld()
    const nobody = `127.0.0.1:${await freePort()}`
    for (const options of [{ nodes: [nobody] }, { nodes: [nobody, '127.0.0.1:1'] }, { discover: nobody }]) {
      await memcachedStore(options).close?.()
      const store = memcachedStore(options)
      const underWay = calls(store)
      await store.close?.()
      await Promise.all(underWay)
    }
    await nothingHeld()
  })
})

test('answers that are owed come before the end', async () => {
  const [server] = (await started(1)) as [MemcachedServer]
  const store = memcachedStore({ nodes: [server.address] })
  const key = anyKey()
  await store.get(key)
  const storing = store.put(key, anyRecord(), { expected: null })
  await store.close?.()
  expect(await storing).toEqual({ stored: true })
})

test('a process that closes its store ends by itself, while all is well and while the server hangs', async () => {
  const [server] = (await started(1)) as [MemcachedServer]
  const code = `
    const { memcachedStore } = await import(${JSON.stringify(new URL('memcached-store.ts', import.meta.url).href)})
    const store = memcachedStore({ nodes: [${JSON.stringify(server.address)}] })
    const outcome = await store.get('key', { signal: AbortSignal.timeout(1_000) }).then(() => 'answered', ({ code }) => code)
    const underWay = [store.get('key'), store.delete('key')].map((call) => call.catch(() => {}))
    await store.close()
    await Promise.all(underWay)
    console.log(outcome)`
  const args = ['--conditions=@holdfast/source', '--import', 'tsx', '--input-type=module', '--eval', code]
  const run = async (): Promise<string> => (await promisify(execFile)(process.execPath, args, { timeout: 40_000 })).stdout.trim()
  expect(await run()).toBe('answered')
  server.pause()
  expect(await run()).toBe('ERR_UNAVAILABLE')
})
