import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from '../fault.ts'
import { always, noChangeFailed, noReadFailed } from '../judgement.ts'
import { replicatedServers } from '../replicated-scene.ts'

export const replicaPaused: Fault = {
  id: 'F12',
  title: 'a replica that is read is paused for 3 s',
  judgements: [noReadFailed, noChangeFailed, ...always],
  async scene() {
    const { servers, base } = await replicatedServers()
    return {
      ...base,
      store: { ...base.store, readFrom: 'replica' },
      async happen({ load, begin, mended }) {
        begin()
        servers.replicas[0]!.pause()
        await sleep(3_000)
        servers.replicas[0]!.resume()
        mended()
        // It is behind now, for a moment: the one in which somebody could read what is old.
        await load.changeAcknowledged(5_000)
        await servers.settled()
      },
    }
  },
}
