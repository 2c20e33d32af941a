import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

const usualPort = 3000
const portsToTry = 20

/**
 * Listens on the named port, or else on 3000 or the next that is free. Answers the port.
 *
 * @throws Error that says what to do when the named port is taken
 */
export async function listen(server: Server, host: string, named: number | undefined): Promise<number> {
  const first = named ?? usualPort
  const last = named ?? usualPort + portsToTry - 1
  for (let port = first; port <= last; port++) {
    try {
      server.listen(port, host)
      await once(server, 'listening')
      return (server.address() as AddressInfo).port
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    }
  }
  throw new Error(
    named === undefined
      ? `Every port from ${first} to ${last} is taken. Name a free one: PORT=8080 npm start`
      : `Port ${named} is taken. Name another one: PORT=${named + 1} npm start`,
  )
}
