import type { RedisServer } from '@holdfast/testbed'
import type { Site } from './observe.ts'
import { patience, visitors, type Observed, type Seen } from './observed.ts'
import type { Answer, Visitor } from './visitor.ts'

/** What visitors get and leave who only look. */
export async function observeNobody({ newVisitor, redis }: Site, hasStore: boolean) {
  await redis.command('FLUSHALL')
  let cookiesOfNobody = 0
  for (let n = 0; n < visitors; n++) {
    const browser = newVisitor()
    await browser.get('/read')
    if (browser.cookies.size > 0) cookiesOfNobody++
  }
  return { cookiesOfNobody, recordsOfNobody: hasStore ? Number(await redis.command('DBSIZE')) : undefined }
}

type Outage = Pick<Observed, 'refusedChange' | 'silentRead' | 'silentChange'>

/** What a client sees of a store that fails. */
export async function observeStore(site: Site, hasStore: boolean): Promise<Outage> {
  if (!hasStore) return { refusedChange: undefined, silentRead: undefined, silentChange: undefined }
  const browser = site.newVisitor()
  await browser.get('/start')
  return { refusedChange: await refusedChange(browser, site), ...(await silentStore(browser, site)) }
}

async function refusedChange(browser: Visitor, { redis }: Site) {
  // From now on Redis refuses what needs memory, and answers all else.
  await redis.command('CONFIG', 'SET', 'maxmemory', '1')
  const answer = await browser.get('/key1', patience)
  await redis.command('CONFIG', 'SET', 'maxmemory', '0')
  return { ...seen(answer), isStored: (await browser.get('/read')).data['key1'] === true }
}

/** A read of a session that is there. */
export async function silentRead({ newVisitor, redis }: Site): Promise<Seen> {
  const browser = newVisitor()
  await browser.get('/start')
  return whileSilent(browser, redis, async () => seen(await browser.get('/read', patience)))
}

function silentStore(browser: Visitor, { redis }: Site) {
  return whileSilent(browser, redis, async () => ({
    silentRead: seen(await browser.get('/read', patience)),
    silentChange: seen(await browser.get('/increment', patience)),
  }))
}

async function whileSilent<Result>(browser: Visitor, redis: RedisServer, use: () => Promise<Result>): Promise<Result> {
  redis.pause()
  try {
    return await use()
  } finally {
    redis.resume()
    // Redis answers a connection in order: with this one, all that it held back is answered too.
    await browser.get('/read')
  }
}

function seen({ status, cut, took }: Answer): Seen {
  return { status, cut, took: Math.round(took) }
}
