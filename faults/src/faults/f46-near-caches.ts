import { setTimeout as sleep } from 'node:timers/promises'
import { connectionsNamed, startRedis } from '@holdfast/testbed'
import { Redis } from 'ioredis'
import type { Fault, Form } from '../fault.ts'
import { always, failuresEndWithin, noChangeFailed, noReadFailed } from '../judgement.ts'
import { plainRedis } from '../load/plain-redis.ts'
import { cachesInUse, nearCaches } from '../near-caches.ts'
import { lonelyServer } from '../proxied-scene.ts'
import { silenceFoundWithin } from './f06-half-open.ts'

const lastingFor: Readonly<Record<Form, number>> = { short: 3_000, long: 10_000 }

/** News comes with the answer to the change; it may wait for its turn of the event loop. */
const promptly = 250

/** A connection that is lost is made again at once, and then all that was known is asked for anew. */
const afterReconnect = 1_000

/** A silent one is found by what it is asked once a second. */
const afterSilence = 2_500

const maxAge = 1_000

const always46 = [noReadFailed, noChangeFailed, cachesInUse, ...always]

/** Near caches of three applications: what they may not show, while all is well and while news does not reach them. */
export const nearCacheFaults: readonly Fault[] = [
  {
    id: 'F46-none',
    title: 'near caches of three applications, and nothing happens',
    beside: [],
    judgements: always46,
    scene: () =>
      lonely(promptly, {}, async (_, form) => {
        await sleep(lastingFor[form])
      }),
  },
  {
    id: 'F46',
    title: 'near caches lose the connections that news comes by, again and again',
    beside: [],
    judgements: always46,
    scene: () =>
      lonely(afterReconnect, {}, async (redis, form) => {
        const until = performance.now() + lastingFor[form]
        while (performance.now() < until) {
          for (const id of await connectionsNamed(redis, 'holdfast-changes')) await redis.command('CLIENT', 'KILL', 'ID', id)
          await sleep(300)
        }
      }),
  },
  {
    id: 'F46-refused',
    title: 'near caches may not hear news: their age limit is the bound',
    beside: [],
    judgements: always46,
    scene: () =>
      lonely(maxAge, { maxAge, username: 'quiet' }, async (_, form) => {
        await sleep(lastingFor[form])
      }),
  },
  {
    id: 'F46-silent',
    title: 'connections of near caches go silent, new ones work',
    beside: [],
    judgements: [failuresEndWithin(silenceFoundWithin), cachesInUse, ...always],
    async scene() {
      const { proxy, base } = await lonelyServer()
      return {
        ...base,
        ...nearCaches({ url: proxy.url() }, { signOutShowsWithin: afterSilence }),
        async happen({ load, begin, mended }) {
          begin()
          proxy.stall('open')
          mended()
          await load.changeAcknowledged(10_000)
          await sleep(afterSilence)
        },
      }
    },
  },
]

type Lonely = Awaited<ReturnType<typeof startRedis>>

/** One Redis. `quiet` is a user who may hear nothing. */
async function lonely(
  signOutShowsWithin: number,
  { username, ...options }: { readonly maxAge?: number; readonly username?: string },
  happen: (redis: Lonely, form: Form) => Promise<void>,
) {
  const redis = await startRedis()
  const store = username === undefined ? { url: redis.url } : { url: redis.url, username, password: 'quiet' }
  if (username !== undefined) await redis.command('ACL', 'SETUSER', username, 'on', '>quiet', '~*', '+@all', 'resetchannels')
  return {
    ...nearCaches(store, { signOutShowsWithin, ...options }),
    plain: () => plainRedis(new Redis(redis.port, redis.host)),
    async happen({ form, begin, mended }: { readonly form: Form; begin(): void; mended(): void }) {
      begin()
      await happen(redis, form)
      mended()
    },
    close: () => redis.close(),
  }
}
