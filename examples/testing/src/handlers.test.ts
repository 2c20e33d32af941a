import { fakeSession } from '@holdfast/core/testing'
import { expect, test } from 'vitest'
import type { Data } from './shop/shop.ts'
import { signIn } from './shop/sign-in.ts'
import { welcome } from './shop/welcome.ts'

test('a sign-in binds the customer, and takes a new token', () => {
  // #region sign-in
  const session = fakeSession<Data>({ cart: ['tea'] })

  signIn(session, 'ada')

  expect(session).toMatchObject({ subject: 'ada', regenerated: 1, data: { cart: ['tea'], user: { name: 'ada' } } })
  // #endregion sign-in
})

// #region welcome
test.each([
  ['new', 'Welcome!'],
  ['missing', 'You were away for too long. Please sign in again.'],
  ['expired', 'You were away for too long. Please sign in again.'],
  ['ended', 'You are signed out.'],
  ['unavailable', 'Your account cannot be reached at the moment.'],
] as const)('%s: %s', (outcome, words) => {
  expect(welcome(fakeSession<Data>({ cart: [] }, { outcome }))).toBe(words)
})
// #endregion welcome
