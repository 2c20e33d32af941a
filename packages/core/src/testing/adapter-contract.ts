import { promisesOfLives } from './adapter-contract/lives.ts'
import { promisesOfRaces } from './adapter-contract/races.ts'
import { promisesOfAnswers } from './adapter-contract/sent.ts'
import { promisesOfRouting } from './adapter-contract/routing.ts'
import { binding, impatient, openSubject, racing, type AdapterHarness } from './adapter-contract/subject.ts'
import { definePromises } from './define-promises.ts'
import { promisesOfTrouble } from './adapter-contract/trouble.ts'
import type { TestRunner } from './test-runner.ts'

/**
 * Every promise that an adapter makes, as tests over real HTTP; a failure says in words which one is broken. The contract
 * makes the manager and plays the browser; the harness is a small application of the adapter's framework:
 *
 * - under the adapter's middleware it has one route, for every method and every path below `/contract/`. It calls `answer`
 *   with the request, and turns what comes back into its framework's response: the status, the headers (appended), and the
 *   body, streamed when it is an `AsyncIterable`;
 * - what `answer` throws goes to the framework's own error handling, as an error of any handler would;
 * - there is no other route: a path outside is the framework's own 404.
 *
 * Races are among the promises: 50 requests at once lose nothing, and a sign-out meets a change, an update, a rotation and a
 * renewal in every order that their store calls can come in (28), and many requests at once. No promise takes longer than some
 * seconds.
 *
 * @example
 * import { describe, test } from 'vitest'
 * import { adapterContract } from '@holdfast/core/testing'
 *
 * adapterContract({ describe, test }, {
 *   makeStore: () => memoryStore(),
 *   async serve(sessions, answer) {
 *     const app = express().use(sessionMiddleware(sessions))
 *     app.all('/contract/*path', async (req, res) => {
 *       const { method, path } = req
 *       const { status, headers, body } = await answer({ method, path, getSession: (options) => getSession(req, sessions, options) })
 *       res.status(status)
 *       for (const [name, value] of headers) res.append(name, value)
 *       if (typeof body === 'object') await pipeline(body, res)
 *       else res.end(body)
 *     })
 *     const server = app.listen(0)
 *     await once(server, 'listening')
 *     return { url: `http://127.0.0.1:${server.address().port}`, close: async () => server.close() }
 *   },
 * })
 */
export function adapterContract(runner: TestRunner, harness: AdapterHarness): void {
  const promise = definePromises(runner, () => openSubject(harness, impatient))
  runner.describe('the contract of adapters', () => {
    promisesOfLives(promise)
    promisesOfAnswers(promise)
    promisesOfTrouble(promise)
    promisesOfRouting(definePromises(runner, () => openSubject(harness, binding)))
    promisesOfRaces(definePromises(runner, () => openSubject(harness, racing)))
  })
}
