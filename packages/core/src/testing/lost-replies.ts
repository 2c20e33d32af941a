import type { SessionStore } from '../record/store.ts'
import { createSessions } from '../session/manager.ts'
import { browser } from './browser.ts'

/** What a proxy before a server has to be able to do. */
interface Proxy {
  onReply(judge: () => 'pass' | 'cut'): void
  heal(): Promise<void>
}

/**
 * Increments 50 times at once while every tenth packet of replies is lost with its connection, after the server had applied the change.
 * Answers what the session counts then, and whether any packet was lost.
 */
export async function countWithLostReplies(store: SessionStore, proxy: Proxy): Promise<[count: number, isAnyLost: boolean]> {
  const sessions = createSessions<{ count: number }>({
    store,
    secrets: ['a secret of at least thirty-two bytes'],
    initial: () => ({ count: 0 }),
    operationTimeout: 10_000,
    requestTimeout: 30_000,
  })
  const tab = browser(sessions)
  await tab.visit((session) => session.regenerate({ subject: 'u1' }))
  let packets = 0
  let lost = 0
  proxy.onReply(() => {
    if (++packets % 10 !== 0) return 'pass'
    lost++
    return 'cut'
  })
  await Promise.all(Array.from({ length: 50 }, async () => tab.visit((session) => session.update((data) => void (data.count += 1)))))
  await proxy.heal()
  const { answer } = await tab.visit((session) => session.data.count)
  await sessions.close()
  return [answer as number, lost > 0]
}
