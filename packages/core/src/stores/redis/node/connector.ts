import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { AbstractConnector } from 'ioredis'
import type { RedisAddress } from '../redis-address.ts'

/**
 * Makes the sockets of clients, and hears all errors of each. ioredis hears the first one only (5 and 6; redis/ioredis#961): a client that is
 * closed in the middle of a handshake in which TLS fails has two, and the second one ended the process.
 */
export function connectorTo({ host, port, tls }: RedisAddress, disconnectTimeout: number): new () => AbstractConnector {
  return class extends AbstractConnector {
    constructor() {
      super(disconnectTimeout)
    }

    override async connect(): Promise<Socket> {
      const socket = tls === undefined ? connect({ host, port }) : connectTls({ host, port, ...tls })
      // The first one is what ioredis asks for where the socket is gone before it listens.
      socket.on('error', (error) => (this.firstError ??= error))
      return (this.stream = socket)
    }
  }
}
