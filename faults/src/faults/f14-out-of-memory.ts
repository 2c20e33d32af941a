import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from '../fault.ts'
import { always, changesResumeWithin, fact, failuresBut, noReadFailed, type Judgement } from '../judgement.ts'
import { lonelyServer } from '../proxied-scene.ts'

const refused = 'changes refused'

const onlyRefused: Judgement = {
  what: 'failures other than ERR_REFUSED',
  of: ({ failures }) => failuresBut(failures, /^ERR_REFUSED$/),
  must: { exactly: 0 },
}

export const outOfMemory: Fault = {
  id: 'F14',
  title: 'memory is full, and nothing may be evicted (OOM)',
  judgements: [noReadFailed, onlyRefused, fact(refused, { atLeast: 1 }), changesResumeWithin(300), ...always],
  async scene(form) {
    const { servers, base } = await lonelyServer({ args: ['--maxmemory-policy', 'noeviction'] })
    return {
      ...base,
      async happen({ load, begin, mended }) {
        begin()
        await servers.primary.command('CONFIG', 'SET', 'maxmemory', 1)
        await sleep(form === 'short' ? 2_000 : 8_000)
        await servers.primary.command('CONFIG', 'SET', 'maxmemory', 0)
        mended()
        await load.changeAcknowledged(5_000)
      },
      facts: async ({ records }) => ({ [refused]: records.filter(({ failure }) => failure === 'ERR_REFUSED').length }),
    }
  },
}
