/**
 * What passport and its companions keep in a session, for those who type theirs.
 *
 * @example
 * interface Data extends PassportData { cart: string[] }
 */
export interface PassportData<User = string> {
  /** Whose session it is: what `serializeUser` answered. */
  passport?: { user?: User | undefined } | undefined
  /** Of `failureMessage` and `successMessage`. */
  messages?: string[] | undefined
  /** Of connect-flash, for `failureFlash` and `successFlash`. */
  flash?: Record<string, string[]> | undefined
  /** Of `successReturnToOrRedirect`. */
  returnTo?: string | undefined
}
