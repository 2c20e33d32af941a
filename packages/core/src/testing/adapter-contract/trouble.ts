import { check, checkStatus } from './check.ts'
import type { DefinePromise, Visit } from './subject.ts'

export function promisesOfTrouble(promise: DefinePromise): void {
  for (const fault of ['fail', 'hang'] as const) {
    promise(
      `the store ${fault === 'fail' ? 'fails' : 'hangs'}: 503 with Retry-After; what needs no session goes on`,
      async ({ store, visit, existing }) => {
        const cookie = await existing()
        store.fault = () => fault
        checkDown(await visit('/contract/read', { cookie }), 'a route whose session cannot be read')
        checkStatus(
          await visit('/contract/never-asks', { cookie }),
          200,
          'a route that never asks for its session goes on without the store.',
        )
        store.fault = undefined
        const { found } = await visit('/contract/read', { cookie })
        check(found.data.count === 1, 'when the store is back, so is the session.', found)
      },
    )
  }

  promise('a session that cannot be saved: 503 in place of the answer, and no cookie', async ({ store, visit, existing }) => {
    const cookie = await existing()
    store.fault = ({ method }) => (method === 'put' ? 'fail' : undefined)
    const [first, streamed, withCookies] = await Promise.all([
      visit('/contract/change'),
      visit('/contract/change-and-stream', { cookie }),
      visit('/contract/change-with-own-headers', { cookie }),
    ])
    checkDown(first, 'the first change of a visitor that cannot be saved')
    checkDown(streamed, 'a streamed answer whose session cannot be saved')
    checkDown(withCookies, 'a change that cannot be saved')
    const cookies = withCookies.headers.getSetCookie()
    check(cookies.length === 0, 'an answer that is not sent leaves none of its cookies on the error.', cookies)
  })

  promise("getSession passes its options on: 'anonymous' goes on with a stand-in", async ({ store, visit, existing }) => {
    const cookie = await existing()
    store.fault = () => 'fail'
    const answer = await visit('/contract/read-anonymously', { cookie })
    checkStatus(answer, 200, "getSession({ onUnavailable: 'anonymous' }) goes on when the store fails.")
    const { found, sessionCookies } = answer
    check(found.outcome === 'unavailable' && found.data.count === 0, "getSession({ onUnavailable: 'anonymous' }) gives a stand-in.", found)
    check(sessionCookies.length === 0, 'a stand-in never sets, clears or overwrites a cookie.', sessionCookies.length)
  })

  promise('nothing is sent before the session is saved', async ({ store, visit, existing }) => {
    const cookie = await existing()
    for (const path of ['/contract/change', '/contract/change-and-stream']) {
      let saved = false
      let savedAtHead = false
      store.fault = async ({ method }) => {
        if (method === 'put') await new Promise((resolve) => setTimeout(resolve, 50))
        saved ||= method === 'put'
        return undefined
      }
      await visit(path, { cookie, onHead: () => (savedAtHead = saved) })
      check(savedAtHead, 'the answer waits until the session is saved.', path)
    }
  })

  promise('two requests at once that change different keys both survive', async ({ visit, existing }) => {
    const cookie = await existing()
    const both = await Promise.all([visit('/contract/left', { cookie }), visit('/contract/right', { cookie })])
    for (const each of both) checkStatus(each, 200, 'two requests at once that change different keys both succeed.')
    const { data } = (await visit('/contract/read', { cookie })).found
    check(data.left !== undefined && data.right !== undefined, 'of two requests at once, neither change is lost.', data)
  })
}

function checkDown(answer: Visit, what: string): void {
  checkStatus(answer, 503, `${what} is answered with 503.`)
  const retryAfter = answer.headers.get('retry-after')
  check(retryAfter !== null && Number(retryAfter) > 0, `${what} is answered with Retry-After.`, retryAfter)
  check(answer.sessionCookies.length === 0, `${what} sets no cookie: an outage never looks like a sign-out.`, answer.sessionCookies.length)
}
