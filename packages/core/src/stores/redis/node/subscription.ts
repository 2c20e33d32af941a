import type { Redis } from 'ioredis'
import type { Link, LinkOptions } from './link.ts'
import { isErrorReply } from './redis-errors.ts'

/** Hears what is published to one channel of one server. */
export interface Subscription {
  /** Gives its connection up for another one to the same name, which may be another server by now. */
  drop(problem: string): void
  close(): Promise<void>
}

export interface SubscriptionOptions {
  readonly channel: string
  readonly heard: (message: string) => void
  /** It has begun to listen, or does no longer: something may have been missed. */
  readonly changed: () => void
  /** The server does not let this user listen. */
  readonly refused: (where: string) => void
}

/** How a connection for it is opened. */
export interface SubscriptionPlace {
  readonly open: (options: Pick<LinkOptions, 'connectionName' | 'greet' | 'changed'>) => Link<Redis>
  /** Whether the server that is listened to is still one that hears of all changes. Default: it is. */
  readonly isMeant?: (() => boolean) | undefined
}

/** What CLIENT LIST calls these connections. */
const connectionName = 'holdfast-changes'

/** How often it is asked whether it still listens, in milliseconds: a connection that is silent is found out that much later, and some 400 ms. */
const askEvery = 1_000

/** Listens for ever: connects anew whenever the connection is lost or silent. */
export function subscription(
  { open, isMeant }: SubscriptionPlace,
  { channel, heard, changed, refused }: SubscriptionOptions,
): Subscription {
  let isListening = false
  let greeted: Redis | undefined
  const link = open({ connectionName, greet, changed: linkChanged })
  const timer = setInterval(ask, askEvery).unref()
  link.start()

  async function greet(client: Redis): Promise<string | undefined> {
    if (client !== greeted) client.on('message', (_, message: string) => heard(message))
    greeted = client
    try {
      await client.subscribe(channel)
    } catch (error) {
      if (!isErrorReply(error, 'NOPERM')) throw error
      // The link stays, and asks again now and then.
      refused(link.where)
      return 'NOPERM'
    }
    return undefined
  }

  function linkChanged(): void {
    if (link.isReady === isListening) return
    isListening = link.isReady
    changed()
  }

  /** By subscribing once more, which changes nothing, and takes no other permission. */
  function ask(): void {
    if (!link.isReady) return
    if (isMeant?.() === false) return link.drop('it is no longer one of the servers')
    const { client, replies } = link
    replies.expect()
    client.subscribe(channel).then(
      () => replies.heard(),
      (error: unknown) => {
        if (!isErrorReply(error)) return replies.forget()
        replies.heard()
        link.drop('it refuses to be listened to')
      },
    )
  }

  return {
    drop: link.drop,
    async close() {
      clearInterval(timer)
      await link.close()
    },
  }
}
