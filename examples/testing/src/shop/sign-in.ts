import type { Session } from '@holdfast/core'
import type { Data } from './shop.ts'

// #region sign-in
/** Signs a customer in under a new token. What is in the cart stays. */
export function signIn(session: Session<Data>, id: string): void {
  session.data.user = { name: id }
  session.regenerate({ subject: id })
}
// #endregion sign-in
