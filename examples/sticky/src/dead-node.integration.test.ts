import { setTimeout as sleep } from 'node:timers/promises'
import { startRedis } from '@holdfast/testbed'
import { expect, onTestFinished, test } from 'vitest'
import { balanced } from './balanced.ts'
import { changing } from './changing.ts'
import { fleetOf, type Fleet } from './fleet.ts'
import { signedIn } from './visitor.ts'

// What a node takes with it that has a Redis behind it, under HAProxy, which follows the routing cookie.

async function started(store: 'near' | 'backup'): Promise<{ fleet: Fleet; origin: string }> {
  const redis = await startRedis()
  onTestFinished(() => redis.close())
  const fleet = await fleetOf({ STORE: store, REDIS_URL: redis.url })
  onTestFinished(fleet.close)
  await fleet.start('a', 'b', 'c')
  const { origin, close } = await balanced('haproxy-affinity.cfg', fleet)
  onTestFinished(close)
  return { fleet, origin }
}

test('with a near cache over Redis a killed node loses no session, and its clients are bound to the nodes that answer them', async () => {
  const { fleet, origin } = await started('near')
  const crowd = await Promise.all(Array.from({ length: 60 }, async (_, n) => signedIn(origin, `user-${n}`)))
  const homes = crowd.map(({ answers }) => answers[0]!.node)
  expect(new Set(homes).size).toBe(3)
  await fleet.stop('b', 'SIGKILL')
  const found = await Promise.all(crowd.map(async ({ visitor }) => visitor.ask('GET', '/')))
  for (const [n, { outcome, subject, count, node }] of found.entries()) {
    expect({ outcome, subject, count }).toEqual({ outcome: 'live', subject: `user-${n}`, count: 2 })
    if (homes[n] === 'b') expect(node).not.toBe('b')
    else expect(node).toBe(homes[n])
  }
  for (const [n, { visitor }] of crowd.entries()) expect((await visitor.ask('GET', '/')).node).toBe(found[n]!.node)
}, 60_000)

test('with a backup a killed node loses no sign-in, and no change but those of the last moments', async () => {
  const { fleet, origin } = await started('backup')
  let isOver = false
  const crowd = await changing(origin, 30, () => isOver)
  await sleep(6_500)
  const newcomers = await Promise.all(Array.from({ length: 30 }, async (_, n) => signedIn(origin, `newcomer-${n}`)))
  isOver = true
  const killedAt = performance.now()
  await fleet.stop('b', 'SIGKILL')
  await Promise.all(crowd.map(({ over }) => over))

  for (const [n, { visitor }] of newcomers.entries())
    expect(await visitor.ask('GET', '/')).toMatchObject({ outcome: 'live', subject: `newcomer-${n}` })
  let lost = 0
  let oldest = 0
  for (const { name, visitor, acknowledged } of crowd) {
    const { outcome, subject, count } = await visitor.ask('GET', '/')
    expect([outcome, subject]).toEqual(['live', name])
    for (const change of acknowledged.filter((each) => each.count > count)) {
      expect(change.node).toBe('b')
      lost += 1
      oldest = Math.max(oldest, killedAt - change.at)
    }
  }
  // `every` of the store is 500 ms, and this machine may be busy.
  expect(oldest).toBeLessThan(5_000)
  const total = crowd.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0)
  console.log(`SIGKILL with a backup: of ${total} changes ${lost} were lost, the oldest ${Math.round(oldest)} ms before the end of b`)
}, 60_000)

test('with a backup a node that is asked to leave under load fails no request, loses nothing, and is gone within 5 s', async () => {
  const { fleet, origin } = await started('backup')
  let isOver = false
  const crowd = await changing(origin, 30, () => isOver)
  await sleep(1_000)
  const askedAt = performance.now()
  // After 5 s it would be killed, and have no exit code.
  expect(await fleet.stop('b', 'SIGTERM')).toBe(0)
  const took = performance.now() - askedAt
  await sleep(1_000)
  isOver = true
  await Promise.all(crowd.map(({ over }) => over))

  expect(crowd.flatMap(({ failures }) => failures)).toEqual([])
  for (const { name, visitor, acknowledged } of crowd) {
    const { outcome, subject, count } = await visitor.ask('GET', '/')
    const course = acknowledged.map((each) => `${each.count} by ${each.node} at ${Math.round(each.at - askedAt)}`).join(', ')
    expect({ outcome, subject, count, course }).toEqual({ outcome: 'live', subject: name, count: acknowledged.length - 1, course })
  }
  const moved = crowd.filter(({ acknowledged }) => acknowledged.some(({ node }) => node === 'b')).length
  const total = crowd.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0)
  console.log(
    `SIGTERM with a backup: of ${total} changes of ${crowd.length} clients, ${moved} of them on b, none was lost; b took ${Math.round(took)} ms`,
  )
}, 60_000)
