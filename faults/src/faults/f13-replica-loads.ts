import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from '../fault.ts'
import { always, fact, noChangeFailed, noReadFailed } from '../judgement.ts'
import { replicatedServers } from '../replicated-scene.ts'

const seen = 'answers LOADING that were seen'

// Names of Redis's own tests: microseconds that a replica takes for a key, and how often it answers meanwhile.
const slowLoading = ['--key-load-delay', '30', '--loading-process-events-interval-bytes', '1024', '--enable-debug-command', 'yes']

export const replicaLoads: Fault = {
  id: 'F13',
  title: 'a replica that is read is loading a full copy (LOADING)',
  judgements: [fact(seen, { atLeast: 1 }), noReadFailed, noChangeFailed, ...always],
  async scene() {
    const { servers, base } = await replicatedServers({ args: slowLoading })
    const [replica] = servers.replicas
    let answers = 0
    return {
      ...base,
      store: { ...base.store, readFrom: 'replica' },
      async happen({ load, begin, mended }) {
        await servers.primary.command('DEBUG', 'POPULATE', 50_000, 'ballast', 100)
        // The history is another one from now on, so that a replica that comes back needs all of it.
        await servers.primary.command('DEBUG', 'CHANGE-REPL-ID')
        begin()
        const restarting = replica!.restart()
        const patience = performance.now() + 15_000
        while (performance.now() < patience && !(await isLinked())) await sleep(20)
        await restarting
        mended()
        await load.changeAcknowledged(5_000)
      },
      facts: async () => ({ [seen]: answers }),
    }

    /** Asked at any moment of its restart: also when it is not there. */
    async function isLinked(): Promise<boolean> {
      try {
        await replica!.command('GET', 'any')
        const info = String(await replica!.command('INFO', 'replication'))
        return answers > 0 && info.includes('master_link_status:up')
      } catch (error) {
        if ((error as Error).message.includes('LOADING')) answers += 1
        return false
      }
    }
  },
}
