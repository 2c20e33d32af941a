/** An error as Node makes them, for calls that Node would refuse if they came through. */
export function coded(Kind: ErrorConstructor, code: string, message: string): Error {
  return Object.assign(new Kind(message), { code })
}

export function headersSent(verb: 'set' | 'append' | 'remove' | 'write'): Error {
  return coded(Error, 'ERR_HTTP_HEADERS_SENT', `Cannot ${verb} headers after they are sent to the client`)
}
