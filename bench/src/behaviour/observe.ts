import { createServer } from 'node:http'
import { listen, type RedisServer } from '@holdfast/testbed'
import { observeFixation } from './fixation.ts'
import { clientLimit, type Observed } from './observed.ts'
import { observeRaces } from './races.ts'
import { newRoutes } from './routes.ts'
import { observeNobody, observeStore, silentRead } from './store.ts'
import type { Subject } from './subject.ts'
import { visitor, type Visitor } from './visitor.ts'

/** What the observations have to work with. */
export interface Site {
  newVisitor(cookies?: ReadonlyMap<string, string>): Visitor
  readonly redis: RedisServer
  slowHasLoaded(): Promise<unknown>
  releaseSlow(): void
}

/** Puts one library through all of it, on an empty Redis. */
export async function observe(subject: Subject, redis: RedisServer): Promise<Observed> {
  const { hasStore } = subject
  const observed = await onSite(subject, redis, undefined, async (site) => {
    const races = await observeRaces(site)
    const fixation = await observeFixation(site)
    const nobody = await observeNobody(site, hasStore)
    return { ...races, ...fixation, ...nobody, ...(await observeStore(site, hasStore)) }
  })
  return { ...observed, silentReadWithLimit: hasStore ? await onSite(subject, redis, clientLimit, silentRead) : undefined }
}

/** The library's routes on a server of their own, until `use` is over. */
export async function onSite<Result>(
  subject: Subject,
  redis: RedisServer,
  limit: number | undefined,
  use: (site: Site) => Promise<Result>,
) {
  await redis.command('FLUSHALL')
  const { route, ...slow } = newRoutes()
  const app = await subject.start(redis.url, route, limit)
  const server = await listen(createServer(app.listener))
  try {
    return await use({ newVisitor: (cookies) => visitor(server.url, cookies), redis, ...slow })
  } finally {
    await server.close()
    await app.close()
  }
}
