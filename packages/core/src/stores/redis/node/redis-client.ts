import type { Buffer } from 'node:buffer'

/** What a store needs of a client: `Redis` and `Cluster` of ioredis 5 and 6 fit as they stand. */
export interface RedisClient {
  /** `'ready'` when commands can be sent; `'wait'` before a lazy client connects; `'end'` when it has given up or was closed. */
  readonly status: string
  connect(): Promise<unknown>
  getBuffer(key: string): Promise<Buffer | null>
  evalsha(sha1: string, keys: number, ...keysAndArguments: (string | number | Buffer)[]): Promise<unknown>
  del(key: string): Promise<number>
  time(): Promise<readonly (string | number)[]>
  /** Where there is this, the store can tell what is changed, over a connection of its own that is made by it. */
  duplicate?(): unknown
  on(event: 'ready' | 'close' | 'end', listener: () => void): unknown
  off(event: 'ready' | 'close' | 'end', listener: () => void): unknown
}
