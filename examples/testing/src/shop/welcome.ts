import type { Session } from '@holdfast/core'
import type { Data } from './shop.ts'

// #region welcome
/** What the page says on top. */
export function welcome({ outcome, data }: Session<Data>): string {
  if (data.user !== undefined) return `Hello ${data.user.name}!`
  switch (outcome) {
    case 'unavailable':
      return 'Your account cannot be reached at the moment.'
    case 'missing':
    case 'expired':
      return 'You were away for too long. Please sign in again.'
    case 'ended':
      return 'You are signed out.'
    default:
      return 'Welcome!'
  }
}
// #endregion welcome
