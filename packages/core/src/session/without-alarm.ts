/**
 * The same promise, whose rejection is nobody's crash. By default Node ends the process for a rejection that no one has
 * awaited yet; a handler that starts its load and does something else first must not take the server down with the store.
 * Nothing is hidden: whoever awaits it gets the error, and the commit or the load has published it.
 */
export function withoutAlarm<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}
