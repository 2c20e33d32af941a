import { check } from './check.ts'
import { routedTo, type DefinePromise, type Visit } from './subject.ts'

export function promisesOfRouting(promise: DefinePromise): void {
  promise('with affinity() the routing cookie goes with the session', async ({ visit, existing }) => {
    const without = [await visit('/contract/never-asks', { cookie: await existing() }), await visit('/contract/read')]
    for (const { headers } of without) check(routes(headers).length === 0, 'who has no session here is bound to no node.', routes(headers))
    const first = await visit('/contract/change')
    checkBound(first, 'the answer that gives a browser its session binds it to the node, once.')
    const bound = await visit('/contract/change', { cookie: `${first.cookie}; ${routedTo}` })
    check(routes(bound.headers).length === 0, 'a browser that is bound to this node is not bound again.', routes(bound.headers))
    for (const cookie of [first.cookie, `${first.cookie}; ${routedTo}-before`])
      checkBound(await visit('/contract/read', { cookie }), 'a browser that comes from elsewhere is bound to the node that answers it.')
  })
}

function routes(headers: Headers): string[] {
  return headers.getSetCookie().filter((line) => line.startsWith(routedTo.slice(0, routedTo.indexOf('=') + 1)))
}

function checkBound({ headers }: Visit, promise: string): void {
  const lines = routes(headers)
  check(lines.length === 1 && lines[0]?.split(';', 1)[0] === routedTo, promise, lines)
}
