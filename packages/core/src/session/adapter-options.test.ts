import { expect, onTestFinished, test } from 'vitest'
import { onSessionEvent } from '../events.ts'
import { sessionMiddleware } from '../http/session-middleware.ts'
import { memoryStore } from '../stores/memory/memory-store.ts'
import { createSessions } from './manager.ts'

const sessions = createSessions<{ n?: number }>({ store: memoryStore(), secrets: ['x'.repeat(32)] })

test.each([
  [undefined, {}, 'sessionMiddleware(sessions) is undefined; it takes what createSessions() has made.'],
  [{ store: 'redis' }, {}, 'sessionMiddleware(sessions) is an object; it takes what createSessions() has made.'],
  [sessions, null, 'sessionMiddleware(sessions, options) is null; it takes an object of options.'],
  [sessions, { eager: 'yes' }, 'eager is "yes"; it takes true or false.'],
  [sessions, { secure: true }, 'secure is true; it takes a function of the request.'],
  [sessions, { onCommitError: 1 }, 'onCommitError is 1; it takes a function of the request.'],
])('a middleware that is made wrong says so at once (%#)', (manager, options, message) => {
  expect(() => sessionMiddleware(manager as never, options as never)).toThrow(expect.objectContaining({ code: 'ERR_OPTION', message }))
})

test('a load that is asked for what there is not says so, and asks no store', async () => {
  const outcomes: string[] = []
  onTestFinished(onSessionEvent('load', ({ outcome }) => void outcomes.push(outcome)))
  const load = sessions.open(null).load({ onUnavailable: 'empty' as never })
  await expect(load).rejects.toMatchObject({
    code: 'ERR_OPTION',
    message: 'load({ onUnavailable }) is "empty"; it takes "fail" or "anonymous" or "stale".',
  })
  expect(outcomes).toEqual(['failed'])
})
