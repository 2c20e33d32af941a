/** The promise in words, and what was seen. */
export function check(isKept: boolean, promise: string): asserts isKept {
  if (!isKept) throw new Error(`The engine breaks a promise: ${promise}.`)
}
