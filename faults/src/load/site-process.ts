// An application in a process of its own, which `remoteSite` starts and asks.
import { subscribe } from 'node:diagnostics_channel'
import { channelName } from '@holdfast/core'
import { Redis } from 'ioredis'
import { countedEvents } from './counted-events.ts'
import type { System } from '../fault.ts'
import { holdfastSite, type RedisSetting } from './holdfast-site.ts'
import { plainRedis } from './plain-redis.ts'
import { plainSite } from './plain-site.ts'
import type { Failure, Found, Visitor } from './site.ts'

/** What such an application runs on; it goes there as JSON. */
export interface RemoteSetting extends RedisSetting {
  readonly system: System
  /** Of ioredis, in the place of `store`. */
  readonly plain: { readonly name: string; readonly sentinels: readonly { readonly host: string; readonly port: number }[] }
}

/** One request of one visitor. */
export type Call =
  | { readonly method: 'arrive'; readonly subject: string | undefined }
  | { readonly method: 'change'; readonly number: number }
  | { readonly method: 'read' | 'signOut' | 'copy' | 'replay' | 'check' }

/** What it was answered, or an event of this process. */
export type FromSite =
  | { readonly event: (typeof countedEvents)[number] }
  | {
      readonly id: number
      readonly answer?: Found | undefined
      readonly error?: { readonly name: string; readonly failure: Failure; readonly readFailed: boolean } | undefined
    }

const { system, plain, store, manager } = JSON.parse(process.argv[2]!) as RemoteSetting
const site =
  system === 'holdfast'
    ? holdfastSite({ store, manager })
    : plainSite(() => plainRedis(new Redis({ name: plain.name, sentinels: plain.sentinels.map(({ host, port }) => ({ host, port })) })))
const visitors = new Map<number, { readonly visitor: Visitor; replay: (() => Promise<Found>) | undefined }>()

const tell = (message: FromSite): void => void process.send!(message)
for (const event of countedEvents) subscribe(channelName(event), () => tell({ event }))

process.on('message', ({ id, visitor: number, call }: { id: number; visitor: number; call: Call }) => {
  answer(number, call).then(
    (found) => tell({ id, answer: found ?? undefined }),
    (error: unknown) =>
      tell({ id, error: { name: site.nameOf(error), failure: site.failureOf(error), readFailed: site.isReadFailure(error) } }),
  )
})
process.on('disconnect', () => process.exit())

async function answer(number: number, call: Call): Promise<Found | void> {
  const one = visitors.get(number) ?? { visitor: site.visitor(), replay: undefined }
  visitors.set(number, one)
  switch (call.method) {
    case 'arrive':
      return one.visitor.arrive(call.subject)
    case 'change':
      return one.visitor.change(call.number)
    case 'read':
      return one.visitor.read()
    case 'signOut':
      return one.visitor.signOut()
    case 'copy':
      one.replay = one.visitor.copy()
      return
    case 'replay':
      return one.replay!()
    case 'check':
      return one.visitor.check()
  }
}
