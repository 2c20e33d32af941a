import { passwordInTime } from '../../../waiting/password-in-time.ts'
import type { Credentials } from '../memcached-address.ts'

/** Whom to sign in as. */
export interface SignIn {
  readonly name: string
  readonly password: string
}

/** Asks for the password, and rejects when there is none in time; undefined where nobody has to sign in. */
export async function userFrom({ username, password }: Credentials): Promise<SignIn | undefined> {
  return username === undefined ? undefined : { name: username, password: await passwordInTime(password()) }
}
