import type { Credentials } from '../memcached-address.ts'

/** Whom to sign in as. */
export interface SignIn {
  readonly name: string
  readonly password: string
}

/** How long a function may take to give a password, in milliseconds. */
const passwordWithin = 5_000

/** Asks for the password, and rejects when there is none in time; undefined where nobody has to sign in. */
export async function userFrom({ username, password }: Credentials): Promise<SignIn | undefined> {
  if (username === undefined) return undefined
  const given = password()
  if (!(given instanceof Promise)) return { name: username, password: given }
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('late')), passwordWithin).unref()
  })
  return { name: username, password: await Promise.race([given, late]).finally(() => clearTimeout(timer)) }
}
