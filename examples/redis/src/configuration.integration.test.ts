import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createSessions } from '@holdfast/core'
import { redisStore, type RedisStoreOptions } from '@holdfast/core/redis'
import { startRedisCluster, startReplicatedRedis, startSentinels, type RedisServer } from '@holdfast/testbed'
import { expect, onTestFinished, test } from 'vitest'

// The configuration that the page recommends, on servers that read it.

const conf = join(import.meta.dirname, '../conf')

/** The directives of a file, each a list of words. */
function directives(name: string): string[][] {
  const lines = readFileSync(join(conf, name), 'utf8').split('\n')
  return lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.replaceAll('"', '').split(' '))
}

function open(options: RedisStoreOptions) {
  const store = redisStore(options)
  const sessions = createSessions<{ visits: number }>({
    store,
    secrets: ['only for the test of the examples'],
    durability: { replicas: 1, withinTimeout: 5_000 },
    initial: () => ({ visits: 0 }),
  })
  onTestFinished(() => sessions.close())
  return sessions
}

/** Creates, reads, renews, changes and ends. */
async function live(options: RedisStoreOptions): Promise<void> {
  const sessions = open(options)
  const { cookie, session } = await sessions.create({ visits: 1 }, { subject: 'ann' })
  expect((await sessions.open(cookie).load()).outcome).toBe('live')
  session.data.visits = 2
  await session.save()
  session.destroy()
  await session.save()
  expect((await sessions.open(cookie).load({ fresh: true })).outcome).toBe('ended')
}

async function started<Servers extends { close(): Promise<void> }>(starting: Promise<Servers>): Promise<Servers> {
  const servers = await starting
  onTestFinished(() => servers.close())
  return servers
}

test('redis.conf: Redis takes it, and a primary without its replicas refuses changes', async () => {
  const { primary, replicas } = await started(startReplicatedRedis({ replicas: 1, args: ['--include', join(conf, 'redis.conf')] }))
  const options = { url: primary.url, replicas: replicas.map(({ url }) => url) }
  for (const [name, ...value] of directives('redis.conf')) {
    // The testbed decides on persistence itself, and Redis answers sizes in bytes.
    if (name === 'appendonly' || value.some((word) => /\d[mg]b$/.test(word))) continue
    expect(await primary.command('CONFIG', 'GET', name!)).toEqual([name, value.join(' ')])
  }
  await live(options)
  await primary.command('CONFIG', 'SET', 'min-replicas-max-lag', 1)
  await replicas[0]!.kill()
  const sessions = open(options)
  await expect
    .poll(() => sessions.create({ visits: 1 }).catch(({ message }: Error) => message), { timeout: 10_000 })
    .toContain('NOREPLICAS')
})

test('cluster.conf: the nodes of a Cluster take it', async () => {
  const cluster = await started(startRedisCluster({ args: ['--include', join(conf, 'cluster.conf')] }))
  await live({ cluster: cluster.urls })
})

test('sentinel.conf: Sentinels take it', async () => {
  const group = await started(startSentinels({ name: 'sessions' }))
  for (const [, option, ...words] of directives('sentinel.conf')) {
    const [sentinel] = group.sentinels
    if (option === 'monitor') continue
    const command = option!.endsWith('hostnames') ? ['CONFIG', 'SET', option, ...words] : ['SET', words[0], option, words[1]]
    expect(await sentinel!.command('SENTINEL', ...(command as string[]))).toBe('OK')
  }
})

/** Has the servers know the user of a file. */
async function admit(name: string, servers: readonly RedisServer[]): Promise<void> {
  const [[, user, ...rules] = []] = directives(name)
  for (const server of servers) await server.command('ACL', 'SETUSER', user as string, 'reset', ...rules)
}

/** What the user was kept from. */
async function denied(servers: readonly RedisServer[]): Promise<unknown[]> {
  return (await Promise.all(servers.map(async (server) => server.command('ACL', 'LOG')))).flat()
}

const shop = { username: 'shop', password: 'change-me' }

test('users.acl: the user may do all that the store asks for, of a primary and of its replicas', async () => {
  const { primary, replicas, close } = await startReplicatedRedis()
  onTestFinished(close)
  const servers = [primary, ...replicas]
  await admit('users.acl', servers)
  const options = { url: `${primary.url}/1`, replicas: replicas.map(({ url }) => `${url}/1`), ...shop }
  await live(options)
  await live({ ...options, readFrom: 'replica' })
  expect(await denied(servers)).toEqual([])
})

test('users.acl: in a Cluster too, and sentinel-users.acl on Sentinels', async () => {
  const [cluster, group] = await Promise.all([started(startRedisCluster()), started(startSentinels({ name: 'sessions' }))])
  await Promise.all([admit('users.acl', cluster.nodes), admit('users.acl', group.nodes), admit('sentinel-users.acl', group.sentinels)])
  await live({ cluster: cluster.urls, ...shop })
  const sentinels = group.sentinels.map(({ port }) => `redis://shop:change-me@127.0.0.1:${port}`)
  await live({ sentinels, name: 'sessions', ...shop })
  expect(await denied([...cluster.nodes, ...group.nodes, ...group.sentinels])).toEqual([])
})
