import { clientLimit, crowd, patience, rounds, visitors, type Observed, type Seen } from './observed.ts'

/** What is tried, and what is looked at: one table. */
export interface Scene {
  readonly title: string
  readonly happens: string
  readonly columns: readonly Column[]
}

export interface Column {
  readonly head: string
  cell(observed: Observed): string
}

const none = '–'

export const scenes: readonly Scene[] = [
  {
    title: 'Requests that meet',
    happens: `One browser sends ${crowd} requests at once. Each adds 1 to the same counter, or sets a key of its own. Least and most of ${rounds} rounds.`,
    columns: [
      { head: `${crowd} increments: the counter shows`, cell: ({ increments }) => range(increments) },
      { head: `${crowd} keys: there are`, cell: ({ keys }) => range(keys) },
    ],
  },
  {
    title: 'A sign-out',
    happens: 'A slow request has loaded the session. Then the user signs out, and then the slow request changes something and ends.',
    columns: [
      { head: 'without the slow request, the old cookie opens the session', cell: ({ openAfterSignOut }) => yes(openAfterSignOut) },
      { head: 'with it, the old cookie opens the session', cell: ({ revivedUnderOldCookie }) => yes(revivedUnderOldCookie) },
      { head: 'the browser is signed in again', cell: ({ revivedInBrowser }) => yes(revivedInBrowser) },
    ],
  },
  {
    title: 'A store that fails',
    happens: `Redis refuses a change, having no memory left; or it is connected and silent (SIGSTOP), and the client waits ${patience / 1000} s. A limit set on the Redis client is ioredis's \`commandTimeout\` or node-redis's \`socketTimeout\`; Holdfast has its own, 200 ms by default.`,
    columns: [
      { head: 'refused change', cell: ({ refusedChange }) => refused(refusedChange) },
      { head: 'silence: read', cell: ({ silentRead }) => status(silentRead) },
      { head: 'silence: change', cell: ({ silentChange }) => status(silentChange) },
      {
        head: `silence: read, with a limit of ${clientLimit / 1000} s set on the client`,
        cell: ({ silentReadWithLimit }) => status(silentReadWithLimit),
      },
    ],
  },
  {
    title: 'Visitors who store nothing',
    happens: `${visitors} visitors ask for their session, and only look.`,
    columns: [
      { head: 'cookies set', cell: ({ cookiesOfNobody }) => String(cookiesOfNobody) },
      { head: 'records in Redis', cell: ({ recordsOfNobody }) => (recordsOfNobody === undefined ? none : String(recordsOfNobody)) },
    ],
  },
  {
    title: 'A planted cookie',
    happens: "Somebody puts a cookie into another's browser, whose user then signs in. Does that cookie open the signed-in session?",
    columns: [
      { head: 'a cookie that was made up', cell: ({ adoptsMadeUpId }) => yes(adoptsMadeUpId) },
      { head: 'one of a session that was there', cell: ({ plantedCookieOpens }) => yes(plantedCookieOpens) },
      { head: 'the same, where the application forgot the new id', cell: ({ plantedCookieOpensSameId }) => yes(plantedCookieOpensSameId) },
    ],
  },
]

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
