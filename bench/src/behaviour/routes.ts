import { EventEmitter, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Route } from './subject.ts'

/** Milliseconds that a handler is busy between reading its session and changing it: with a query, say. */
const work = 10

/** The routes of the comparison, the same over every library, and how its slow one is held. */
export interface Routes {
  readonly route: Route
  /** Resolves when the next slow request has its session. */
  slowHasLoaded(): Promise<unknown>
  /** Lets the slow request change its session, and answer. */
  releaseSlow(): void
}

export function newRoutes(): Routes {
  const slow = new EventEmitter()

  return {
    slowHasLoaded: () => once(slow, 'loaded'),
    releaseSlow: () => void slow.emit('released'),
    async route(path, visit) {
      if (path === '/start') await visit.change((data) => void (data['count'] = 0))
      else if (path === '/increment') {
        await sleep(work)
        await visit.change((data) => void (data['count'] = Number(data['count'] ?? 0) + 1))
      } else if (path.startsWith('/key')) {
        await sleep(work)
        await visit.change((data) => void (data[path.slice(1)] = true))
      } else if (path === '/slow') {
        const released = once(slow, 'released')
        slow.emit('loaded')
        await released
        await visit.change((data) => void (data['late'] = true))
      } else if (path === '/sign-in') await visit.signIn((data) => void (data['user'] = 'ada'))
      else if (path === '/sign-in-under-the-same-id') await visit.change((data) => void (data['user'] = 'ada'))
      else if (path === '/sign-out') {
        await visit.signOut()
        return {}
      }
      return { ...visit.data }
    },
  }
}
