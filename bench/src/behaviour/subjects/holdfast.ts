import { createSessions, isSessionError, type SessionOptions } from '@holdfast/core'
import { attachSession } from '@holdfast/core/node'
import { redisStore } from '@holdfast/core/redis'
import type { Subject } from '../subject.ts'

type Data = Record<string, unknown>

/**
 * On Node's own server, with the defaults.
 *
 * @param how by which of the two ways data is changed
 * @param timeouts for tests, which a loaded machine must not decide
 */
export function holdfast(
  how: 'plain change' | 'update()',
  timeouts: Pick<SessionOptions<Data>, 'operationTimeout' | 'requestTimeout'> = {},
): Subject {
  return {
    name: `Holdfast, ${how === 'update()' ? '`update()`' : how}`,
    packages: [],
    setup: 'on `node:http` and `redisStore` with the defaults, sign-in by `regenerate`, sign-out by `destroy`',
    hasStore: true,
    async start(redisUrl, route) {
      const sessions = createSessions<Data>({
        store: redisStore({ url: redisUrl }),
        secrets: ['only for the comparison, 32 bytes'],
        initial: () => ({}),
        ...timeouts,
      })
      await sessions.ready()
      return {
        async listener(req, res) {
          try {
            const session = await attachSession(sessions, req, res, { onCommitError: () => {} }).load()
            const change = (by: (data: Data) => void): void => (how === 'update()' ? session.update(by) : by(session.data))
            const answer = await route(req.url ?? '/', {
              data: session.data,
              change,
              signIn(by) {
                change(by)
                session.regenerate({ subject: 'ada' })
              },
              signOut: () => session.destroy(),
            })
            res.setHeader('Content-Type', 'application/json').end(JSON.stringify(answer))
          } catch (error) {
            if (!isSessionError(error)) throw error
            res.writeHead(error.status, error.headers).end()
          }
        },
        close: () => sessions.close({ within: 0 }),
      }
    },
  }
}
