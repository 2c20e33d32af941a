import { check, checkStatus } from './check.ts'
import { isCleared, type DefinePromise } from './subject.ts'

export function promisesOfLives(promise: DefinePromise): void {
  promise('a request that never asks for its session costs nothing', async ({ store, visit, existing }) => {
    const cookie = await existing()
    const visit1 = await visit('/contract/never-asks', { cookie })
    checkStatus(visit1, 200, 'a route that never asks for its session answers as without the adapter.')
    check(store.calls.length === 0, 'a request that never asks for its session costs no store call.', store.calls)
    check(visit1.sessionCookies.length === 0, 'a request that never asks for its session sets no cookie.', visit1.sessionCookies)
    const vary = visit1.headers.get('vary') ?? ''
    check(!/cookie/i.test(vary), 'an answer without a session may be cached for everybody: no Vary: Cookie.', vary)
  })

  promise('a visitor who stores nothing gets no cookie and no record', async ({ store, visit }) => {
    const { found, sessionCookies, headers } = await visit('/contract/read')
    check(found.outcome === 'new' && found.data.count === 0, 'a first visit finds a new session with the initial data.', found)
    check(sessionCookies.length === 0, 'a visitor who stores nothing gets no cookie.', sessionCookies)
    check(store.calls.length === 0, 'a visitor without a cookie who stores nothing costs no store call.', store.calls)
    checkVary(headers)
  })

  promise('what is stored is found by the next request, and one read costs one store call', async ({ store, visit }) => {
    const first = await visit('/contract/change')
    check(first.sessionCookies.length === 1, 'the first change sets exactly one session cookie.', first.sessionCookies)
    checkVary(first.headers)
    checkPrivate(first.headers)
    store.calls.length = 0
    const second = await visit('/contract/read', { cookie: first.cookie })
    check(second.found.outcome === 'live' && second.found.data.count === 1, 'what one request stored the next one finds.', second.found)
    check(second.sessionCookies.length === 0, 'an unchanged session sets no cookie.', second.sessionCookies)
    const methods = store.calls.map(({ method }) => method)
    check(methods.join() === 'get', 'reading a session costs one get, and nothing else.', methods)
    checkVary(second.headers)
  })

  promise('a session that is asked for twice is one session, read once', async ({ store, visit, existing }) => {
    const { body } = await visit('/contract/read-twice', { cookie: await existing() })
    check(body === 'true', 'asked for twice in a request, the session is the same object.', body)
    check(store.calls.length === 1, 'asked for twice in a request, the session is read once.', store.calls)
  })

  promise('a change is saved, under the cookie that is there', async ({ visit, existing }) => {
    const cookie = await existing()
    const change = await visit('/contract/change', { cookie })
    check(change.sessionCookies.length === 0, 'a change of a session that has its cookie sets none.', change.sessionCookies)
    const { found } = await visit('/contract/read', { cookie })
    check(found.data.count === 2, 'a change is saved.', found)
  })

  promise('an ended session is over: its cookie is cleared, and opens nothing any more', async ({ visit, existing }) => {
    const cookie = await existing()
    const end = await visit('/contract/end', { cookie })
    const [line = ''] = end.sessionCookies
    check(end.sessionCookies.length === 1 && isCleared(line), 'destroy() clears the cookie, once.', end.sessionCookies)
    checkPrivate(end.headers)
    const { found } = await visit('/contract/read', { cookie })
    check(found.outcome === 'ended' && found.data.count === 0, 'the cookie of an ended session opens nothing.', found)
  })

  promise('a regenerated session has a new token, and the old one opens nothing', async ({ visit, existing }) => {
    const cookie = await existing()
    const signIn = await visit('/contract/regenerate', { cookie })
    check(signIn.sessionCookies.length === 1 && signIn.cookie !== cookie, 'regenerate() sets one new cookie.', signIn.sessionCookies.length)
    const { found } = await visit('/contract/read', { cookie: signIn.cookie })
    check(
      found.outcome === 'live' && found.subject === 'ada' && found.data.count === 1,
      'regenerate() keeps the data, under the new token.',
      found,
    )
    const old = await visit('/contract/read', { cookie })
    check(old.found.outcome === 'ended', 'after regenerate() the old cookie opens nothing.', old.found)
  })

  promise('a cookie signed by the previous secret works, and is signed anew', async ({ visit, signedByPreviousSecret }) => {
    const cookie = await signedByPreviousSecret()
    const first = await visit('/contract/read', { cookie })
    check(
      first.found.outcome === 'live' && first.found.data.count === 1,
      'a cookie signed by the previous secret opens its session.',
      first.found,
    )
    check(first.sessionCookies.length === 1 && first.cookie !== cookie, 'a cookie signed by the previous secret is signed anew, once.')
    const second = await visit('/contract/read', { cookie: first.cookie })
    check(second.found.data.count === 1, 'the cookie that was signed anew opens the same session.', second.found)
    check(second.sessionCookies.length === 0, 'a cookie signed by the newest secret is left alone.', second.sessionCookies.length)
  })

  promise('a forged cookie costs no store call, and opens nothing', async ({ store, visit, existing }) => {
    const cookie = await existing()
    const forged = cookie.slice(0, -2) + (cookie.endsWith('AA') ? 'BB' : 'AA')
    const { found, sessionCookies } = await visit('/contract/read', { cookie: forged })
    check(found.outcome === 'invalid' && found.data.count === 0, 'a cookie whose signature fails opens nothing.', found)
    check(store.calls.length === 0, 'a cookie whose signature fails costs no store call.', store.calls)
    check(sessionCookies.length === 0, 'a visitor with a forged cookie who stores nothing gets none.', sessionCookies.length)
  })
}

function checkVary(headers: Headers): void {
  const vary = headers.get('vary') ?? ''
  const names = vary.split(',').map((name) => name.trim().toLowerCase())
  check(names.filter((name) => name === 'cookie').length === 1, 'an answer whose session was asked for has Vary: Cookie, once.', vary)
}

function checkPrivate(headers: Headers): void {
  const value = headers.get('cache-control') ?? ''
  check(/private|no-store/.test(value), 'an answer with a cookie has a Cache-Control that keeps shared caches off.', value)
}
