import type { RedisServer } from './redis.ts'

/**
 * A primary sends a replica nothing more before that has confirmed its copy, up to a second after it has said itself that it is linked; WAIT counts
 * it only from then on. One that nobody has written to yet pings it each second, and that is confirmed.
 *
 * @throws Error while fewer than so many have.
 */
export async function requireConfirmed(primary: RedisServer, count: number): Promise<void> {
  const info = String(await primary.command('INFO', 'replication'))
  // While its copy is being sent, or the end of that is not noticed yet, it is not online.
  const confirmed = info.match(/state=online,offset=[1-9]/g)?.length ?? 0
  if (confirmed < count) throw new Error(`${confirmed} of the ${count} replicas of ${primary.port} have confirmed anything`)
}
