import { expect, test } from 'vitest'
import type { Session } from '../session/session.ts'
import { fakeSession } from './fake-session.ts'

interface Data {
  cart: string[]
  visits: number
}

function signIn(session: Session<Data>, user: string): void {
  session.update((data) => void (data.visits += 1))
  session.regenerate({ subject: user })
}

test('tells what the code under test did', () => {
  const session = fakeSession<Data>({ cart: [], visits: 0 }, { outcome: 'new' })
  const { id } = session
  signIn(session, 'u1')
  expect(session).toMatchObject({ data: { visits: 1 }, subject: 'u1', regenerated: 1, destroyed: false, outcome: 'new' })
  expect(session.id).not.toBe(id)
  session.destroy()
  expect(session.destroyed).toBe(true)
})

test('discard gives the data back as it was given', () => {
  const session = fakeSession<Data>({ cart: ['a'], visits: 0 })
  session.data.cart.push('b')
  session.discard()
  expect(session.data.cart).toEqual(['a'])
})

test('is not extensible, and a stand-in cannot be saved', async () => {
  const session = fakeSession<Data>({ cart: [], visits: 0 }, { outcome: 'unavailable' })
  expect(() => Object.assign(session, { user: 'x' })).toThrow(TypeError)
  await expect(session.save()).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' })
})
