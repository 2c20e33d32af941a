import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import type { Fault } from '../fault.ts'
import { plainRedis } from '../load/plain-redis.ts'
import { always, changesResumeWithin, fact, readsWithin } from '../judgement.ts'
import { lonelyServer } from '../proxied-scene.ts'

const told = 'warnings of the process that the server refuses it'
const attempts = 'connections a second with the old password'

export const passwordChanged: Fault = {
  id: 'F16',
  title: 'the password is changed, and later known',
  // Once a person had to act, connecting again takes up to 3 s.
  judgements: [fact(told, { exactly: 1 }), fact(attempts, { atMost: 10 }), readsWithin(250), changesResumeWithin(3_500), ...always],
  async scene(form) {
    const { servers, proxy, base } = await lonelyServer()
    // Not from its start: the testbed has no password.
    await servers.primary.command('CONFIG', 'SET', 'requirepass', 'old')
    const known = { password: 'old' }
    // Connected before the change, which it outlives.
    const operator = new Redis(servers.primary.port, '127.0.0.1', { password: 'old' })
    let perSecond = 0
    let warnings = 0
    const onWarning = (warning: Error & { code?: string }): void => void (warnings += warning.code === 'HOLDFAST_REDIS_REFUSED' ? 1 : 0)
    process.on('warning', onWarning)
    return {
      ...base,
      store: { ...base.store, password: () => known.password },
      plain: () => plainRedis(new Redis(proxy.port, '127.0.0.1', { password: known.password })),
      async happen({ load, begin, mended }) {
        await operator.config('SET', 'requirepass', 'new')
        const before = proxy.counts.connections
        const seconds = form === 'short' ? 3 : 8
        begin()
        proxy.cut()
        await sleep(seconds * 1_000)
        perSecond = (proxy.counts.connections - before) / seconds
        known.password = 'new'
        mended()
        await load.changeAcknowledged(10_000)
      },
      facts: async () => ({ [told]: warnings, [attempts]: perSecond }),
      async close() {
        process.off('warning', onWarning)
        operator.disconnect()
        await base.close()
      },
    }
  },
}
