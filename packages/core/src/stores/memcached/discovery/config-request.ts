import { Buffer } from 'node:buffer'
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import { isSessionError, sessionError } from '../../../errors.ts'
import { withDeadline } from '../../../waiting/deadline.ts'
import { nodeName, parseClusterConfig, type ClusterConfig } from './cluster-config.ts'
import { configQuestions, readConfigReply } from './config-reply.ts'

/** How one node is asked. */
export interface ConfigRequest {
  readonly host: string
  readonly port: number
  /** With these, by TLS. */
  readonly tls: ConnectionOptions | undefined
  /** Milliseconds for all of it: to resolve the name, connect, ask and be answered. */
  readonly timeout: number
  /** Ends it early. */
  readonly signal: AbortSignal
}

/**
 * Asks one node for the configuration of its cluster, over the text protocol and a connection of its own, which resolves the name anew.
 *
 * @throws `ERR_UNAVAILABLE` that names the node and says why there is no answer
 */
export async function requestConfig(request: ConfigRequest): Promise<ClusterConfig> {
  const failed = (why: string): Error =>
    sessionError('ERR_UNAVAILABLE', `${nodeName(request)} did not say which nodes its cluster has. ${why}`)
  return withDeadline(request.timeout, async (lazy) => parseClusterConfig(await converse(request, lazy.signal)), {
    answered: (config) => config,
    failed: (error) => failed(problemOf(error)),
    expired: () => sessionError('ERR_UNAVAILABLE', 'It was too late.'),
  })
}

/** Asks one question after the other until one has a text for its answer. */
function converse({ signal, timeout, ...server }: ConfigRequest, deadline: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTo(server)
    const questions = configQuestions.values()
    let question = questions.next().value
    let received = Buffer.alloc(0)
    let isConnected = false

    function settle(act: () => void): void {
      signal.removeEventListener('abort', close)
      deadline.removeEventListener('abort', expire)
      socket.destroy()
      act()
    }
    const fail = (error: unknown): void => settle(() => reject(error as Error))
    const say = (problem: string): void => fail(sessionError('ERR_UNAVAILABLE', problem))
    const close = (): void => say('The store is being closed.')
    const expire = (): void =>
      say(`It ${isConnected ? 'is connected, but did not answer' : 'could not be connected to'} within ${timeout} ms.`)

    function read(): void {
      if (question === undefined) return
      const text = readConfigReply(received, question)
      if (text === undefined) return
      if (text !== null) return settle(() => resolve(text))
      question = questions.next().value
      if (question === undefined) return say(`It has no configuration of a cluster: it is no node of ElastiCache for Memcached.`)
      received = Buffer.alloc(0)
      socket.write(`${question.command}\r\n`)
    }

    socket.once(server.tls === undefined ? 'connect' : 'secureConnect', () => {
      isConnected = true
      socket.write(`${question?.command}\r\n`)
    })
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      try {
        read()
      } catch (error) {
        fail(error)
      }
    })
    socket.on('error', fail)
    socket.once('close', () => say('It closed the connection.'))
    signal.addEventListener('abort', close)
    deadline.addEventListener('abort', expire)
    if (signal.aborted) close()
  })
}

function connectTo({ host, port, tls }: Pick<ConfigRequest, 'host' | 'port' | 'tls'>): Socket {
  if (tls === undefined) return connect({ host, port })
  return connectTls({ ...(isIP(host) === 0 ? { servername: host } : {}), ...tls, host, port })
}

/** In words that hold nothing of what the other side sent. */
function problemOf(error: unknown): string {
  if (isSessionError(error)) return error.message
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' && /^[A-Z_0-9]+$/.test(code) ? `The connection failed (${code}).` : 'The connection failed.'
}
