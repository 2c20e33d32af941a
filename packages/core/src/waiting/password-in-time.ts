/** How long a function may take to give a password, in milliseconds. */
const passwordWithin = 5_000

/** The password, as it was given or as a function gives it; rejects when there is none in time. */
export async function passwordInTime<T>(password: T | Promise<T>): Promise<T> {
  if (!(password instanceof Promise)) return password
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('late')), passwordWithin).unref()
  })
  return Promise.race([password, late]).finally(() => clearTimeout(timer))
}
