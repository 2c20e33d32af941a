import { clientLimit, crowd, patience, rounds, visitors, type Observed, type Seen } from './observed.ts'

/** One row of the table. */
export interface Question {
  readonly asks: string
  answer(observed: Observed): string
}

export const questions: readonly Question[] = [
  { asks: `${crowd} increments at once: the counter shows`, answer: ({ increments }) => range(increments) },
  { asks: `${crowd} keys set at once: there are`, answer: ({ keys }) => range(keys) },
  { asks: 'After a sign-out, the cookie from before opens the session', answer: ({ openAfterSignOut }) => yes(openAfterSignOut) },
  {
    asks: 'It does, once a slow request has ended that began before the sign-out',
    answer: ({ revivedUnderOldCookie }) => yes(revivedUnderOldCookie),
  },
  { asks: 'The browser of that request is signed in again', answer: ({ revivedInBrowser }) => yes(revivedInBrowser) },
  { asks: 'A change that Redis refuses (no memory left): the client reads', answer: ({ refusedChange }) => refused(refusedChange) },
  { asks: 'A read while Redis is silent: the client reads', answer: ({ silentRead }) => status(silentRead) },
  { asks: 'A change while Redis is silent: the client reads', answer: ({ silentChange }) => status(silentChange) },
  {
    asks: `The read, with a limit of ${clientLimit / 1000} s set on the Redis client`,
    answer: ({ silentReadWithLimit }) => status(silentReadWithLimit),
  },
  { asks: `${visitors} visitors who stored nothing: cookies set`, answer: ({ cookiesOfNobody }) => String(cookiesOfNobody) },
  {
    asks: 'Records that they left in Redis',
    answer: ({ recordsOfNobody }) => (recordsOfNobody === undefined ? none : String(recordsOfNobody)),
  },
  { asks: 'A session begins under an id that the client made up', answer: ({ adoptsMadeUpId }) => yes(adoptsMadeUpId) },
  {
    asks: 'A cookie planted before the sign-in opens the signed-in session: new id at the sign-in',
    answer: ({ plantedCookieOpens }) => yes(plantedCookieOpens),
  },
  { asks: 'The same, where the application forgot the new id', answer: ({ plantedCookieOpensSameId }) => yes(plantedCookieOpensSameId) },
]

/** What the table leaves open. */
export const notes: readonly string[] = [
  `Where ${rounds} rounds gave different numbers, the least and the most are shown.`,
  `"Silent" is a Redis that is connected and answers nothing (SIGSTOP); the client waits ${patience / 1000} s.`,
  "The limit is ioredis's `commandTimeout` and node-redis's `socketTimeout`; Holdfast has its own, 200 ms by default.",
  'A dash: no store.',
]

const none = '–'

function range(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)]
  return least === most ? String(least) : `${least} to ${most}`
}

function yes(value: boolean): string {
  return value ? 'yes' : 'no'
}

function status(seen: Seen | undefined): string {
  if (seen === undefined) return none
  if (seen.status === 'silence') return `nothing in ${patience / 1000} s`
  return `${seen.status} after ${seen.took} ms${seen.cut ? ', cut off' : ''}`
}

function refused(seen: Observed['refusedChange']): string {
  return `${status(seen)}${seen !== undefined && Number(seen.status) < 400 && !seen.isStored ? ', and the change is lost' : ''}`
}
