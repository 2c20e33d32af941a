import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** Where a memcached answers. */
export interface MemcachedPlace {
  readonly port: number
  /** The authority that signed its certificate, if it speaks TLS. */
  readonly ca?: string | undefined
}

/**
 * Sends one command of memcached's text protocol to a port of 127.0.0.1, over a connection of its own, and answers what comes back
 * without the last line break.
 *
 * @throws Error with the server's own words if it answers an error, or after `timeout` milliseconds (5000).
 * @example
 * await memcachedCommand({ port }, ['set key 0 0 5', 'value']) // STORED
 */
export async function memcachedCommand(place: MemcachedPlace, lines: readonly string[], timeout?: number): Promise<string> {
  // No reply says where it ends, but after it the one to this no-op begins (1.6 and later).
  const reply = await memcachedExchange(
    place,
    Buffer.from(`${lines.join('\r\n')}\r\nmn\r\n`),
    (received) => (received.endsWith('MN\r\n') ? received.slice(0, -'MN\r\n'.length).trimEnd() : undefined),
    timeout,
  )
  if (/^(ERROR|CLIENT_ERROR|SERVER_ERROR)/.test(reply)) throw new Error(`memcached on port ${place.port}: ${reply}`)
  return reply
}

/** Sends bytes, and answers what `read` makes of all that has come back so far, once it makes something of it. */
export function memcachedExchange(
  { port, ca }: MemcachedPlace,
  request: Uint8Array,
  read: (received: string) => string | undefined,
  timeout = 5_000,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = ca === undefined ? connect({ port, host: '127.0.0.1' }) : connectTls({ port, host: '127.0.0.1', ca })
    let received = Buffer.alloc(0)
    const settle = (act: () => void): void => {
      clearTimeout(timer)
      socket.destroy()
      act()
    }
    const fail = (what: string): void => settle(() => reject(new Error(`memcached on port ${port}: ${what}`)))
    const timer = setTimeout(() => fail(`no answer within ${timeout} ms`), timeout)
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      const answer = read(received.toString('utf8'))
      if (answer !== undefined) settle(() => resolve(answer))
    })
    socket.on('error', (error) => fail(error.message))
    socket.once('close', () => fail(`closed the connection before it answered`))
    socket.write(request)
  })
}
