import { crowd } from './answers.ts'
import { check, checkStatus } from './check.ts'
import { inEveryOrder, type Step } from './every-order.ts'
import type { AdapterSubject, DefinePromise } from './subject.ts'

/** What races with a sign-out, and the route that does it. */
const slowRequests = { 'a change': 'change', 'an update': 'update', 'a rotation': 'rotate', 'a renewal': 'read' }

export function promisesOfRaces(promise: DefinePromise): void {
  promise(`${crowd} requests at once that change different keys lose nothing`, async ({ visit, existing }) => {
    const cookie = await existing()
    const answers = await Promise.all(numbers.map(async (n) => visit(`/contract/key${n}`, { cookie })))
    for (const answer of answers) checkStatus(answer, 200, 'requests at once that change different keys all succeed.')
    const { data } = (await visit('/contract/read', { cookie })).found
    const lost = numbers.filter((n) => data[`key${n}`] === undefined)
    check(lost.length === 0, `of ${crowd} requests at once that change different keys, no change is lost.`, { lost })
  })

  promise(`${crowd} increments by update at once are exactly ${crowd}`, async ({ visit, existing }) => {
    const cookie = await existing()
    const answers = await Promise.all(numbers.map(async () => visit('/contract/update-together', { cookie })))
    for (const answer of answers) checkStatus(answer, 200, 'requests at once that update one key all succeed.')
    const { count } = (await visit('/contract/read', { cookie })).found.data
    check(count === 1 + crowd, `${crowd} increments by update at once are exactly ${crowd}.`, count - 1)
  })

  promise('two browsers at once are two sessions', async ({ visit, existing }) => {
    const [ada, bob] = [await existing(), await existing()]
    await Promise.all([visit('/contract/left', { cookie: ada }), visit('/contract/right', { cookie: bob })])
    for (const [cookie, own, other] of [[ada, 'left', 'right'] as const, [bob, 'right', 'left'] as const]) {
      const { data } = (await visit('/contract/read', { cookie })).found
      check(data[own] !== undefined && data[other] === undefined, 'of two browsers at once each changes its own session.', data)
    }
  })

  for (const [what, path] of Object.entries(slowRequests)) {
    promise(`a sign-out and ${what}, in every order of their store calls: no session comes back`, async (subject) => {
      await inEveryOrder(subject.store, async (race) => {
        const { visit } = subject
        const cookie = await subject.existing()
        const slowly = () => visit(`/contract/${path}`, { cookie })
        const { answers, steps } = await race(slowly, () => visit('/contract/end', { cookie }))
        const [slow, signOut] = answers
        checkStatus(slow, 200, 'a request that races with a sign-out passes.')
        checkStatus(signOut, 200, `a sign-out that races with ${what} passes.`)
        const cookies = slow.sessionCookies.length
        check(!isLate(steps) || cookies === 0, 'a request that comes to save after a sign-out sets no cookie.', { cookies, steps })
        await checkEnded(visit, [cookie, slow.cookie, signOut.cookie], steps)
      })
    })
  }

  promise('a sign-out among many requests at once: no session comes back', async ({ visit, existing }) => {
    for (let before = 0; before < 16; before += 3) {
      const cookie = await existing()
      const paths = Array.from({ length: 4 }, () => Object.values(slowRequests)).flat()
      paths.splice(before, 0, 'end')
      const answers = await Promise.all(paths.map(async (path) => visit(`/contract/${path}`, { cookie })))
      for (const answer of answers) checkStatus(answer, 200, 'a sign-out and the requests that it meets all pass.')
      await checkEnded(visit, [cookie, ...answers.map((answer) => answer.cookie)])
    }
  })

  promise("one tab's late answer never undoes the sign-in of another, in every order of their store calls", async (subject) => {
    for (const path of ['change', 'update', 'read']) await lateTabAgainstSignIn(subject, path)
  })
}

async function lateTabAgainstSignIn({ store, visit, existing }: AdapterSubject, path: string): Promise<void> {
  await inEveryOrder(store, async (race) => {
    let jar = await existing()
    const cookie = jar
    // As the answers come, the browser takes their cookies.
    const tab = async (of: string) => {
      const answer = await visit(`/contract/${of}`, { cookie })
      if (answer.sessionCookies.length > 0) jar = answer.cookie
      return answer
    }
    const { answers, steps } = await race(
      () => tab(path),
      () => tab('regenerate'),
    )
    for (const answer of answers) checkStatus(answer, 200, 'a sign-in in one tab and a request of another both pass.')
    const { outcome, subject } = (await visit('/contract/read', { cookie: jar })).found
    const isSignedIn = outcome === 'live' && subject === 'ada'
    check(isSignedIn, "one tab's late answer never undoes the sign-in of another.", { outcome, subject, steps })
  })
}

async function checkEnded(visit: AdapterSubject['visit'], cookies: readonly string[], steps?: readonly Step[]): Promise<void> {
  for (const cookie of new Set(cookies)) {
    const { outcome } = (await visit('/contract/read', { cookie })).found
    check(outcome !== 'live', 'a signed-out session stays ended, under each cookie that its browser was given.', { outcome, steps })
  }
}

/** Whether the sign-out, which is the second, was answered before the first wrote anything. */
function isLate(steps: readonly Step[]): boolean {
  const before = steps.slice(0, steps.indexOf('second answered'))
  return !before.some((step) => step.startsWith('first') && step !== 'first get')
}

const numbers = Array.from({ length: crowd }, (_, n) => n)
