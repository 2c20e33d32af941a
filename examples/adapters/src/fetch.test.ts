import { createSessions } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import { expect, test, vi } from 'vitest'
import { withSession } from './fetch.ts'

const sessions = createSessions<{ cart: string[] }>({
  store: memoryStore(),
  secrets: ['only for the tests of the adapter for Fetch'],
  initial: () => ({ cart: [] }),
})

const visit = (cookie = ''): Request => new Request('https://shop.example/cart/book', { headers: { cookie } })
const cookieOf = (response: Response): string => response.headers.getSetCookie()[0]?.split(';', 1)[0] ?? ''

const readCart = withSession(sessions, async (_, getSession) => Response.json((await getSession()).data.cart))

test("passes on what the server gives beside the request, as Next's params", async () => {
  // #region use
  const add = withSession(sessions, async (_, getSession, { params }: { params: Promise<{ sku: string }> }) => {
    const { sku } = await params
    const session = await getSession()
    session.update((data) => void data.cart.push(sku))
    return new Response(null, { status: 204 })
  })
  // #endregion use
  const added = await add(visit(), { params: Promise.resolve({ sku: 'book' }) })
  expect(added.status).toBe(204)
  expect(await (await readCart(visit(cookieOf(added)))).json()).toEqual(['book'])
})

test('an answer that is kept and given to others never holds a cookie; one that cannot be changed gets it too', async () => {
  for (const kept of [new Response(null), Response.redirect('https://shop.example/cart', 303)]) {
    const handler = withSession(sessions, async (_, getSession) => {
      ;(await getSession()).data.cart.push('book')
      return kept
    })
    const [first, second] = [await handler(visit()), await handler(visit())]
    expect(cookieOf(first)).not.toBe('')
    expect(cookieOf(second)).not.toBe(cookieOf(first))
    expect(first.status).toBe(kept.status)
    expect(cookieOf(kept)).toBe('')
  }
})

test('the answer of a handler that never asks for its session is passed on as it is', async () => {
  const answer = new Response('fine')
  expect(await withSession(sessions, async () => answer)(visit())).toBe(answer)
})

test('an error that is none of the session: 500 and a line in the log; what was changed before is saved', async () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => {})
  const failure = new Error('the handler failed')
  const handler = withSession(sessions, async (_, getSession) => {
    ;(await getSession()).data.cart.push('book')
    throw failure
  })
  const answer = await handler(visit())
  expect(answer.status).toBe(500)
  expect(await answer.text()).not.toContain(failure.message)
  expect(log).toHaveBeenCalledWith(failure)
  log.mockRestore()
  expect(await (await readCart(visit(cookieOf(answer)))).json()).toEqual(['book'])
})
