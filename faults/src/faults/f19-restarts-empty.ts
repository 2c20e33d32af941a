import type { RedisStoreOptions } from '@holdfast/core/redis'
import type { Fault, Scene } from '../fault.ts'
import { alwaysBut, failuresEndWithin, type Judgement } from '../judgement.ts'
import { cachesInUse, nearCaches } from '../near-caches.ts'
import { replicatedServers } from '../replicated-scene.ts'

// All is gone, as nobody can help: what must not happen is anything else.
const others = alwaysBut('sessions lost', 'acknowledged changes lost', 'answers that took somebody for signed out')

const anonymous: Judgement = {
  what: 'answers that found the session gone',
  of: ({ signedOut }) => signedOut,
  must: { atLeast: 1 },
}

export const restartsEmpty: readonly Fault[] = [
  {
    id: 'F19',
    title: 'everything restarts empty',
    judgements: [anonymous, failuresEndWithin(300), ...others],
    scene: () => restarting((store) => ({ store })),
  },
  {
    id: 'F19-near',
    title: 'everything restarts empty but the near caches of three applications',
    beside: [],
    judgements: [anonymous, failuresEndWithin(300), cachesInUse, ...others],
    scene: () => restarting((store) => nearCaches(store, { signOutShowsWithin: 250 })),
  },
]

async function restarting(setting: (store: RedisStoreOptions) => Pick<Scene, 'store'>): Promise<Scene> {
  const { servers, base } = await replicatedServers()
  const all = [servers.primary, ...servers.replicas]
  return {
    ...base,
    ...setting(base.store),
    async happen({ load, begin, mended }) {
      begin()
      await Promise.all(all.map((server) => server.kill()))
      await Promise.all(all.map((server) => server.restart()))
      await servers.settled()
      mended()
      await load.changeAcknowledged(5_000)
    },
  }
}
