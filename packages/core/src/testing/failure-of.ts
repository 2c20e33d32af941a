/** What a call rejects with. Throws when it resolves. */
export async function failureOf(call: Promise<unknown>): Promise<Error & { readonly code: string }> {
  try {
    await call
  } catch (error) {
    return error as Error & { readonly code: string }
  }
  throw new Error('it resolved')
}
