import { createSessions, isSessionError } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import { expect, test } from 'vitest'
import { withSession } from './fetch.ts'

const sessions = createSessions<{ asked: number; finished: number }>({
  store: memoryStore(),
  secrets: ['only for the sample of a streamed answer'],
  initial: () => ({ asked: 0, finished: 0 }),
})

const visit = (cookie: string): Request => new Request('https://shop.example/report', { headers: { cookie } })

function streamed(chunks: AsyncIterable<string>): Response {
  return new Response(ReadableStream.from(chunks).pipeThrough(new TextEncoderStream()))
}

// #region stream
const report = withSession(sessions, async (request, getSession) => {
  const session = await getSession()
  session.update((data) => void (data.asked += 1)) // saved before the first byte

  async function* events() {
    yield 'data: begun\n\n'
    // The answer's session is closed by now: this work has one of its own.
    const own = await sessions.open(request.headers.get('cookie')).load()
    own.update((data) => void (data.finished += 1))
    await own.save()
    yield 'data: finished\n\n'
  }
  return streamed(events())
})
// #endregion stream

test('a streamed answer saves before it begins, and afterwards by a session of its own', async () => {
  const { cookie } = await sessions.create({ asked: 0, finished: 0 })
  const answer = await report(visit(cookie))
  expect((await sessions.open(cookie).load()).data).toEqual({ asked: 1, finished: 0 })
  expect(await answer.text()).toBe('data: begun\n\ndata: finished\n\n')
  expect((await sessions.open(cookie).load()).data).toEqual({ asked: 1, finished: 1 })
})

test("a change of the answer's session comes too late while it is streamed", async () => {
  const late = withSession(sessions, async (_, getSession) => {
    const session = await getSession()
    async function* events() {
      yield 'begun, '
      try {
        session.update((data) => void (data.finished += 1))
      } catch (error) {
        if (isSessionError(error)) yield error.code
      }
    }
    return streamed(events())
  })
  const { cookie } = await sessions.create({ asked: 0, finished: 0 })
  expect(await (await late(visit(cookie))).text()).toBe('begun, ERR_COMMITTED')
})
