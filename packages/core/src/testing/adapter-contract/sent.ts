import { streamedChunks } from './answers.ts'
import { check, checkStatus } from './check.ts'
import type { AdapterSubject, DefinePromise, Visit } from './subject.ts'

export function promisesOfAnswers(promise: DefinePromise): void {
  promise('a handler that throws after a change: saved, with the status of the error', async (subject) => {
    const answer = await subject.visit('/contract/change-and-throw')
    checkStatus(answer, 409, "the framework's own error handling answers with the error's status.")
    await checkSaved(subject, answer, 'what a handler changed before it threw is saved, and its cookie is set.')
  })

  promise('an unknown route is the 404 of the framework, and costs nothing', async ({ store, visit, existing }) => {
    const answer = await visit('/nowhere', { cookie: await existing() })
    checkStatus(answer, 404, 'a route that the application does not have is a 404.')
    check(answer.sessionCookies.length === 0 && store.calls.length === 0, 'a 404 costs no store call, and sets no cookie.', store.calls)
  })

  promise('a redirect carries the cookie', async (subject) => {
    const answer = await subject.visit('/contract/change-and-redirect', { method: 'POST' })
    checkStatus(answer, 303, 'a redirect keeps its status.')
    const location = answer.headers.get('location')
    check(location === '/contract/read', 'a redirect keeps its Location.', location)
    await checkSaved(subject, answer, 'what a handler changed before it redirected is saved, and its cookie is set.')
  })

  promise('a streamed answer carries the cookie, and is whole', async (subject) => {
    const answer = await subject.visit('/contract/change-and-stream')
    checkStatus(answer, 200, 'a streamed answer keeps its status.')
    check(answer.body === streamedChunks.join(''), 'a streamed answer is whole.', answer.body)
    await checkSaved(subject, answer, 'what a handler changed before it streamed is saved, and its cookie is set.')
  })

  promise('the answer to HEAD carries the cookie', async (subject) => {
    const answer = await subject.visit('/contract/change', { method: 'HEAD' })
    checkStatus(answer, 200, 'the answer to HEAD has the status of the one to GET.')
    await checkSaved(subject, answer, 'what a handler changed for a HEAD request is saved, and its cookie is set.')
  })

  promise("cookies, Vary and a stricter Cache-Control of the handler's are kept", async (subject) => {
    const answer = await subject.visit('/contract/change-with-own-headers')
    const cookies = answer.headers.getSetCookie()
    const theirs = cookies.filter((line) => line === 'theirs=1; Path=/' || line === 'others=2')
    check(
      theirs.length === 2 && cookies.length === 3,
      "the handler's own cookies are kept beside the session's, each once.",
      cookies.length,
    )
    const vary = (answer.headers.get('vary') ?? '').toLowerCase()
    check(/\baccept\b/.test(vary) && /\bcookie\b/.test(vary), "Cookie is added to the handler's Vary.", vary)
    const cacheControl = answer.headers.get('cache-control')
    check(cacheControl === 'no-store', "a Cache-Control of the handler's that is stricter is kept.", cacheControl)
    await checkSaved(subject, answer, 'a change beside headers of the handler is saved, and its cookie is set.')
  })

  promise('an answer with a cookie never stays public', async ({ visit }) => {
    const cacheControl = (await visit('/contract/change-and-be-public')).headers.get('cache-control') ?? ''
    check(/private|no-store/.test(cacheControl) && !/public/.test(cacheControl), 'an answer with a cookie is not public.', cacheControl)
  })
}

async function checkSaved({ visit }: AdapterSubject, { sessionCookies, cookie }: Visit, promise: string): Promise<void> {
  check(sessionCookies.length === 1, promise, { sessionCookies: sessionCookies.length })
  const { found } = await visit('/contract/read', { cookie })
  check(found.outcome === 'live' && found.data.count === 1, promise, found)
}
