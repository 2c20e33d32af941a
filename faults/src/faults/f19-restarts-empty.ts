import type { Fault } from '../fault.ts'
import { alwaysBut, failuresEndWithin, type Judgement } from '../judgement.ts'
import { replicatedServers } from '../replicated-scene.ts'

// All is gone, as nobody can help: what must not happen is anything else.
const others = alwaysBut('sessions lost', 'acknowledged changes lost', 'answers that took somebody for signed out')

const anonymous: Judgement = {
  what: 'answers that found the session gone',
  of: ({ signedOut }) => signedOut,
  must: { atLeast: 1 },
}

export const restartsEmpty: Fault = {
  id: 'F19',
  title: 'everything restarts empty',
  judgements: [anonymous, failuresEndWithin(300), ...others],
  async scene() {
    const { servers, base } = await replicatedServers()
    const all = [servers.primary, ...servers.replicas]
    return {
      ...base,
      async happen({ load, begin, mended }) {
        begin()
        await Promise.all(all.map((server) => server.kill()))
        await Promise.all(all.map((server) => server.restart()))
        await servers.settled()
        mended()
        await load.changeAcknowledged(5_000)
      },
    }
  },
}
