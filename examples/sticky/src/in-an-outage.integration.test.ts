import { startRedis } from '@holdfast/testbed'
import { expect, onTestFinished, test } from 'vitest'
import { sessionsOn } from './in-an-outage.ts'

test('while Redis is dead a session that was here is shown and cannot be changed; one that was not is 503; afterwards all is as before', async () => {
  const redis = await startRedis({ appendonly: true })
  const secret = 'only for the test of this example'
  const [here, elsewhere] = [sessionsOn(redis.url, secret), sessionsOn(redis.url, secret)]
  onTestFinished(async () => {
    await Promise.all([here.close(), elsewhere.close()])
    await redis.close()
  })
  const { cookie } = await here.create({ cart: ['a'] }, { subject: 'u1' })
  const stranger = await elsewhere.create({ cart: [] })
  const read = async () => (await here.open(cookie).load()).outcome
  await expect.poll(read).toBe('live')

  await redis.kill()
  await expect.poll(read, { timeout: 15_000 }).toBe('unavailable')
  const session = await here.open(cookie).load()
  expect([session.data, session.subject]).toEqual([{ cart: ['a'] }, 'u1'])
  const changing = here.open(cookie)
  ;(await changing.load()).data.cart.push('b')
  await expect(changing.commit()).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE', status: 503 })
  await expect(here.open(stranger.cookie).load()).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE', status: 503 })

  await redis.restart()
  await expect.poll(() => read().catch(() => 'failed'), { timeout: 15_000 }).toBe('live')
  expect((await here.open(cookie).load({ fresh: true })).data).toEqual({ cart: ['a'] })
})
