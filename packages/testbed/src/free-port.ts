import { createSocket } from 'node:dgram'
import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * A TCP port of 127.0.0.1 that nobody listens on, and that no process is given by this function as long as this one lives: not before its
 * server listens, nor while that is down.
 *
 * It lies below the ports that systems give to outgoing connections (from 32768 on Linux, 49152 on macOS): a client that tries
 * to reach a stopped server on one of those can end up connected to itself, and the server cannot come back. Port + 10000, the bus of a
 * Redis Cluster, is a valid port too.
 */
export async function freePort(draw: () => number = () => randomInt(15_000, 32_000)): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = draw()
    if ((await isReserved(port)) && (await isFree(port))) return port
  }
  throw new Error('testbed: found no free port between 15000 and 32000')
}

/** So many of them. */
export function freePorts(count: number): Promise<number[]> {
  return Promise.all(Array.from({ length: count }, () => freePort()))
}

/** Whoever has the UDP port of this number, which no server of ours uses, has the TCP port: the system lets go of it with the process. */
function isReserved(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const mark = createSocket('udp4')
    mark.once('error', () => mark.close(() => resolve(false)))
    mark.bind({ port, address: '127.0.0.1', exclusive: true }, () => resolve(true))
    mark.unref()
  })
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
