/** The promise in words, then what was seen. */
export function check(isKept: boolean, promise: string, seen?: unknown): asserts isKept {
  if (isKept) return
  throw new Error(`The adapter breaks a promise: ${promise}${seen === undefined ? '' : ` Seen: ${JSON.stringify(seen)}.`}`)
}

export function checkStatus(visit: { readonly status: number; readonly body: string }, status: number, promise: string): void {
  check(visit.status === status, promise, { status: visit.status, body: visit.body.slice(0, 200) })
}
