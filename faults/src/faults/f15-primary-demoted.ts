import type { Fault } from '../fault.ts'
import { always, changesResumeWithin, noChangeFailed, noReadFailed } from '../judgement.ts'
import { proxiedServers } from '../proxied-scene.ts'

export const primaryDemoted: Fault = {
  id: 'F15',
  title: 'the primary becomes a replica under us (READONLY), and its name leads to the new one',
  judgements: [noReadFailed, noChangeFailed, changesResumeWithin(300), ...always],
  async scene() {
    const { servers, proxy, base } = await proxiedServers({ replicas: 2 })
    return {
      ...base,
      async happen({ load, begin, mended }) {
        const [successor] = servers.replicas
        begin()
        // As with a managed Redis: connections stay, and whoever connects again comes to the new primary.
        proxy.leadTo(successor!)
        await servers.primary.command('FAILOVER', 'TO', '127.0.0.1', successor!.port)
        while (((await successor!.command('ROLE')) as string[])[0] !== 'master');
        mended()
        await load.changeAcknowledged(5_000)
      },
    }
  },
}
