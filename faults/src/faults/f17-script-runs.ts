import { Redis } from 'ioredis'
import type { Fault } from '../fault.ts'
import { always, changesResumeWithin, fact, noReadFailed } from '../judgement.ts'
import { replicatedServers } from '../replicated-scene.ts'

// Reads the clock until 3 s have passed.
const spin = `
  local function now() local time = redis.call('TIME') return time[1] * 1000 + time[2] / 1000 end
  local till = now() + 3000
  while now() < till do end
  return 'done'`

const killed = 'scripts of others that were killed'

export const scriptRuns: Fault = {
  id: 'F17',
  title: 'a script keeps the primary busy for 3 s (BUSY)',
  judgements: [noReadFailed, fact(killed, { exactly: 0 }), changesResumeWithin(300), ...always],
  async scene() {
    const { servers, base } = await replicatedServers({ args: ['--busy-reply-threshold', '100'] })
    const other = new Redis(servers.primary.port, '127.0.0.1')
    let kills = 0
    return {
      ...base,
      async happen({ load, begin, mended }) {
        begin()
        await other.eval(spin, 0).catch(() => void (kills += 1))
        mended()
        await load.changeAcknowledged(5_000)
      },
      facts: async () => ({ [killed]: kills }),
      async close() {
        other.disconnect()
        await base.close()
      },
    }
  },
}
