import { openLink, ownClients } from '../node/link.ts'
import { connectionProblem, isErrorReply } from '../node/redis-errors.ts'
import type { SentinelServer } from '../redis-options.ts'
import { nameOf } from '../redis-address.ts'

/** What one Sentinel says. */
export interface SentinelView {
  /** Which one, for maps and messages. */
  readonly sentinel: string
  /** Counts the failovers: of two views the one with the greater epoch is the newer. */
  readonly epoch: number
  readonly primary: HostPort
  readonly replicas: readonly HostPort[]
}

export interface HostPort {
  readonly host: string
  readonly port: number
}

export interface SentinelWatch {
  start(): void
  /** Asks now, unless it is being asked. */
  ask(): void
  /** Why it has no view, for messages. */
  readonly problem: string | undefined
  close(): Promise<void>
}

/** How often a Sentinel is asked, in milliseconds: in case its announcement got lost. */
const askEvery = 1_000

/** Follows one Sentinel: hears its announcements, and asks it once a second. `viewed` is given each answer. */
export function watchSentinel(server: SentinelServer, name: string, viewed: (view: SentinelView) => void): SentinelWatch {
  const where = `Sentinel at ${nameOf(server.address)}`
  const shared = { make: ownClients(server.address, server.credentials), where, changed() {} }
  let problem: string | undefined
  let isAsking = false
  let timer: NodeJS.Timeout | undefined
  const questions = openLink({
    ...shared,
    greet: async () => undefined,
    changed: ask,
  })
  // One that has subscribed may not ask, where it speaks RESP2.
  const announcements = openLink({
    ...shared,
    async greet(client) {
      client.on('message', ask)
      await client.subscribe('+switch-master')
      // What was announced while it was not listening.
      ask()
      return undefined
    },
  })

  function ask(): void {
    if (isAsking || !questions.isReady) return
    isAsking = true
    void look().finally(() => {
      isAsking = false
    })
  }

  async function look(): Promise<void> {
    questions.replies.expect()
    try {
      const { client } = questions
      // In the midst of a failover MASTER has the new epoch and the old address; the other has the one that goes with the epoch.
      const [primary, place, replicas] = await Promise.all([
        client.call('SENTINEL', 'MASTER', name),
        client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name),
        client.call('SENTINEL', 'REPLICAS', name),
      ])
      questions.replies.heard()
      problem = undefined
      const [host, port] = place as [string, string]
      viewed({
        sentinel: where,
        epoch: Number(fieldsOf(primary).get('config-epoch')),
        primary: { host, port: Number(port) },
        replicas: (replicas as unknown[])
          .map(fieldsOf)
          .map((fields) => ({ host: fields.get('ip') as string, port: Number(fields.get('port')) })),
      })
    } catch (error) {
      if (isErrorReply(error)) questions.replies.heard()
      else questions.replies.forget()
      const isUnknown = isErrorReply(error, 'ERR')
      problem = isUnknown ? `it knows no primary of the name ${JSON.stringify(name)}` : connectionProblem(error)
    }
  }

  return {
    start() {
      questions.start()
      announcements.start()
      timer ??= setInterval(ask, askEvery).unref()
    },
    ask,
    get problem() {
      return `${where}: ${problem ?? questions.refusal ?? questions.problem ?? 'it has not answered yet'}`
    },
    async close() {
      clearInterval(timer)
      await Promise.all([questions.close(), announcements.close()])
    },
  }
}

/** Names and values in turn, or by name, as RESP3 has it. */
function fieldsOf(reply: unknown): ReadonlyMap<string, string> {
  if (!Array.isArray(reply)) return new Map(Object.entries(reply as Record<string, string>))
  const words = reply.map(String)
  return new Map(words.flatMap((word, at) => (at % 2 === 0 ? [[word, words[at + 1] as string] as const] : [])))
}
