import { createServer } from 'node:net'
import { randomInt } from 'node:crypto'

/**
 * A TCP port of 127.0.0.1 that nobody listens on.
 *
 * It lies below the ports that systems give to outgoing connections (from 32768 on Linux, 49152 on macOS): a client that tries
 * to reach a stopped server on one of those can end up connected to itself, and the server cannot come back. Port + 10000, the bus of a
 * Redis Cluster, is a valid port too.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = randomInt(15_000, 32_000)
    if (await isFree(port)) return port
  }
  throw new Error('testbed: found no free port between 15000 and 32000')
}

/** So many of them, no two the same. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>()
  while (ports.size < count) ports.add(await freePort())
  return [...ports]
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
