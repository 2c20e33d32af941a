import { startSentinels } from '@holdfast/testbed'
import { expect, onTestFinished, test } from 'vitest'
import { onSessionEvent } from '../../../events.ts'
import { createSessions } from '../../../session/manager.ts'
import { redisStore } from '../redis-store.ts'

// SENTINEL FAILOVER promotes a replica while the primary lives, which goes on taking changes for up to a second; all of them are lost.
test('a failover of a primary that lives: no sign-out that was answered is undone, whoever confirmed it', { timeout: 60_000 }, async () => {
  const group = await startSentinels()
  onTestFinished(() => group.close())
  const sessions = createSessions<{ count: number }>({
    store: redisStore({ sentinels: group.sentinels.map(({ url }) => url), name: group.name }),
    secrets: ['a secret of at least thirty-two bytes'],
    initial: () => ({ count: 0 }),
    operationTimeout: 1_000,
  })
  onTestFinished(() => sessions.close())
  const cookies: string[] = []
  while (cookies.length < 300) cookies.push((await sessions.create({ count: 0 }, { subject: `u${cookies.length}` })).cookie)
  const failedOver = new Promise((resolve) => {
    const stop = onSessionEvent('failover', () => resolve(stop()))
  })

  const first = await group.primary()
  // A primary sends a fresh replica nothing before that has confirmed its copy, up to a second later; the Sentinels would promote it all the same.
  const streamed = async (): Promise<number> => String(await first.command('INFO', 'replication')).match(/offset=[1-9]/g)?.length ?? 0
  await expect.poll(streamed, { timeout: 15_000 }).toBeGreaterThanOrEqual(2)
  const signedOut: string[] = []
  let isOver = false
  const signOuts = (async () => {
    for (const cookie of cookies) {
      const opened = sessions.open(cookie)
      const session = await opened.load({ fresh: true }).catch(() => undefined)
      session?.destroy()
      if (session !== undefined && (await opened.commit().then(Boolean, () => false))) signedOut.push(cookie)
      if (isOver) break
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  })()
  await group.sentinels[0]!.command('SENTINEL', 'FAILOVER', group.name)
  await failedOver
  await group.failedOver(first)
  await new Promise((resolve) => setTimeout(resolve, 200))
  isOver = true
  await signOuts

  expect(signedOut.length).toBeGreaterThan(10)
  const outcomes = await Promise.all(signedOut.map(async (cookie) => (await sessions.open(cookie).load({ fresh: true })).outcome))
  expect(new Set(outcomes)).toEqual(new Set(['ended']))
})
