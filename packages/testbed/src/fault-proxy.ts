import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { freePort } from './free-port.ts'
import { pipe } from './proxy-pipe.ts'
import { replyFaults } from './reply-faults.ts'
import type { ReplyCarrier, ReplyJudge } from './reply-faults.ts'

/** What went through, since the start. */
export interface FaultProxyCounts {
  /** Connections accepted. */
  readonly connections: number
  /** Connections open now. */
  readonly open: number
  /** Bytes that reached the server. */
  readonly bytesToServer: number
  /** Bytes that reached the client. */
  readonly bytesToClient: number
  /** Chunks of replies discarded. */
  readonly discarded: number
}

/** A TCP proxy in front of a server, and all that can go wrong on the way. Faults hold until they are set otherwise, or `heal()`. */
export interface FaultProxy {
  readonly port: number
  readonly counts: FaultProxyCounts
  /** `redis://127.0.0.1:<port>`, or another scheme. */
  url(scheme?: string): string
  /** Every chunk comes so many milliseconds late, in order; a function is asked for each. Requests come in time unless `way` says so. */
  delay(ms: number | (() => number), way?: 'replies' | 'requests'): void
  /** Nothing flows either way, and connections stay open: on all of them and new ones, or only on those that are `open` now. */
  stall(which?: 'all' | 'open'): void
  /** The next so many bytes of replies, over all connections, pass; then the connection that carries them stalls. */
  stallAfter(bytes: number): void
  /** Ends every stall; what was held flows on. */
  resume(): void
  /** Closes all connections on both sides; new ones work. */
  cut(): void
  /** The next so many bytes of replies, over all connections, pass; then the connection that carries them is cut. Once. */
  cutAfter(bytes: number): void
  /** Judges every chunk of replies; undefined lets all pass. */
  onReply(judge: ReplyJudge | undefined): void
  /** Swallows the next so many chunks of replies, or those that the predicate picks. @default Infinity */
  swallowReplies(which?: number | ((chunk: Buffer) => boolean)): void
  /** At most so many bytes a second on each connection, each way. */
  throttle(bytesPerSecond: number): void
  /** Stops listening, so that new connections are refused (ECONNREFUSED); open ones go on. */
  refuse(): void
  /** Listens again. */
  accept(): Promise<void>
  /** New connections lead to another server, as when a name resolves to another address; open ones stay where they are. */
  leadTo(server: FaultProxyOptions): void
  /** Ends every fault. */
  heal(): Promise<void>
  /** Cuts everything and stops listening. */
  close(): Promise<void>
}

/** Where the proxy leads. */
export interface FaultProxyOptions {
  /** The port of the server. */
  readonly port: number
  /** @default '127.0.0.1' */
  readonly host?: string | undefined
}

/**
 * Starts a proxy on a free port of 127.0.0.1 that hands everything on, until it is told to do harm.
 *
 * @example
 * const proxy = await startFaultProxy(redis)
 * const store = redisStore({ url: proxy.url() })
 * proxy.stall()
 */
export async function startFaultProxy(first: FaultProxyOptions): Promise<FaultProxy> {
  const port = await freePort()
  const connections = new Set<ReplyCarrier>()
  const counts = { connections: 0, bytesToServer: 0, bytesToClient: 0 }
  const late: Record<'replies' | 'requests', () => number> = { replies: () => 0, requests: () => 0 }
  const replies = replyFaults()
  let target = first
  let stalled = false
  let rate = Infinity
  let flow = openable()
  let listener: Server | undefined

  function join(client: Socket): void {
    const { port: serverPort, host = '127.0.0.1' } = target
    const server = connect({ port: serverPort, host, noDelay: true })
    const connection: ReplyCarrier = {
      muted: false,
      stalled: false,
      cut() {
        client.destroy()
        server.destroy()
      },
    }
    counts.connections += 1
    connections.add(connection)
    const leave = (): void => {
      if (client.destroyed && server.destroyed) connections.delete(connection)
    }
    for (const socket of [client, server]) socket.on('error', () => {}).once('close', leave)

    const line = { gate: () => (stalled || connection.stalled ? flow.opened : undefined), rate: () => rate }
    pipe(client, server, {
      ...line,
      delay: () => late.requests(),
      parts: (chunk) => [chunk],
      passed: (bytes) => void (counts.bytesToServer += bytes),
    })
    pipe(server, client, {
      ...line,
      delay: () => late.replies(),
      parts: (chunk) => replies.parts(chunk, connection),
      passed: (bytes) => void (counts.bytesToClient += bytes),
    })
  }

  async function listen(): Promise<void> {
    if (listener !== undefined) return
    listener = createServer({ noDelay: true }, join).listen(port, '127.0.0.1')
    await once(listener, 'listening')
  }

  const proxy: FaultProxy = {
    port,
    get counts() {
      return { ...counts, open: connections.size, discarded: replies.discarded }
    },
    url: (scheme = 'redis') => `${scheme}://127.0.0.1:${port}`,
    delay(ms, way = 'replies') {
      late[way] = typeof ms === 'function' ? ms : () => ms
    },
    stall(which = 'all') {
      if (which === 'all') stalled = true
      else for (const connection of connections) connection.stalled = true
    },
    stallAfter(bytes) {
      replies.breakAfter(bytes, 'stall')
    },
    resume() {
      stalled = false
      for (const connection of connections) connection.stalled = false
      flow.open()
      flow = openable()
    },
    cut() {
      for (const connection of connections) connection.cut()
    },
    cutAfter(bytes) {
      replies.breakAfter(bytes, 'cut')
    },
    onReply(judge) {
      replies.judgeBy(judge)
    },
    swallowReplies(which = Infinity) {
      let left = typeof which === 'number' ? which : 0
      const picks = typeof which === 'function' ? which : () => left-- > 0
      replies.judgeBy((chunk) => (picks(chunk) ? 'swallow' : 'pass'))
    },
    throttle(bytesPerSecond) {
      rate = bytesPerSecond
    },
    refuse() {
      listener?.close()
      listener = undefined
    },
    accept: listen,
    leadTo(next) {
      target = next
    },
    async heal() {
      proxy.delay(0)
      proxy.delay(0, 'requests')
      proxy.throttle(Infinity)
      replies.clear()
      // What a muted connection has lost cannot come back.
      for (const connection of connections) if (connection.muted) connection.cut()
      proxy.resume()
      await proxy.accept()
    },
    async close() {
      proxy.refuse()
      proxy.cut()
      proxy.resume()
    },
  }
  await listen()
  return proxy
}

/** A promise, and what resolves it. */
function openable(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}
