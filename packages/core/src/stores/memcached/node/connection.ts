import type { Buffer } from 'node:buffer'
import { connect, type Socket } from 'node:net'
import { nextTick } from 'node:process'
import { connect as connectTls, type ConnectionOptions as TlsOptions } from 'node:tls'
import { silenceWatch } from '../../../waiting/silence-watch.ts'
import type { MemcachedPlace } from '../memcached-address.ts'
import { frames, type Reply } from './frames.ts'
import { bareQuestion, opcodes, signingIn, type Question } from './questions.ts'
import type { SignIn } from './user-from.ts'

/** A reply, and the connection that it came by: a CAS means nothing to another one, behind which may be a server that counts anew. */
export interface Answer {
  readonly status: number
  readonly key: Buffer
  readonly value: Buffer
  readonly cas: Buffer
  readonly from: Connection
}

/** One connection, for as long as it lasts. */
export interface Connection {
  /** Rejects when the connection ends first: the question may have reached the server. */
  ask(question: Question): Promise<Answer>
  /** The same for a question with many replies. */
  askMany(question: Question): Promise<Answer[]>
  /** Ends it, with all that is owed. */
  end(problem: string): void
}

export interface ConnectionOptions {
  readonly place: MemcachedPlace
  readonly tls: TlsOptions | undefined
  readonly user: SignIn | undefined
  readonly longestBody: number
  readonly firstSequence?: number | undefined
  /** How many attempts before this one were given up because they took too long. */
  readonly givenUp?: number | undefined
  /** The server has answered. */
  readonly ready: (connection: Connection) => void
  /** It is over, once and for good. */
  readonly ended: (connection: Connection, problem: string, isRefusal: boolean) => void
}

/** Milliseconds until the server has to have answered; whoever looks passwords up may take his time to say no. */
const [connectWithin, signedInWithin] = [1_000, 3_000]
/**
 * Each attempt is given twice the time of the one before, up to so many times the first. Where all clients come back at once, to a server or
 * on a machine that needs longer for all of them, none of them would ever be through if each began anew after a second.
 */
const mostPatience = 8
/** Load balancers forget connections that are idle for minutes, and say nothing. */
const keepAliveAfter = 10_000

/** What an attempt says that was given up. */
export const tookTooLong = 'ETIMEDOUT'

/** Connects. What has gone wrong once, be it a reply that was none, is never used again: neither the socket nor what memjs kept of it. */
export function openConnection(options: ConnectionOptions): Connection {
  const { place, tls, user, longestBody, firstSequence, givenUp = 0, ready, ended } = options
  let isOver = false
  let isCorked = false
  const watch = silenceWatch(() => end('it is connected, but does not answer'))
  const refused = (): void =>
    end(user === undefined ? 'it wants a user and a password: give username and password' : 'user or password is wrong', true)
  const { ask, feed, failAll } = frames({ longestBody, refused, firstSequence })
  const socket: Socket = tls === undefined ? connect({ ...place }) : connectTls({ ...tls, ...place })
  socket.setNoDelay(true).setKeepAlive(true, keepAliveAfter)
  // One further turn, in which what lies in the socket is read: a busy process is no dead server.
  const patience = (user === undefined ? connectWithin : signedInWithin) * Math.min(2 ** givenUp, mostPatience)
  const impatience = setTimeout(() => setImmediate(() => end(tookTooLong)), patience)

  socket.on('error', (error) => end(problemIn(error)))
  socket.on('close', () => end('the connection was lost'))
  socket.on(tls === undefined ? 'connect' : 'secureConnect', greet)
  socket.on('data', (chunk: Buffer) => {
    if (isOver) return
    try {
      feed(chunk)
    } catch {
      end('it answered what is no reply: is it a memcached that speaks the binary protocol?')
    }
  })

  /** A server that is stopped still takes connections, and one that wants a password still takes questions: so it has to answer one. */
  function greet(): void {
    if (user !== undefined)
      write(
        ask(
          signingIn(user),
          () => {},
          () => {},
        ),
      )
    write(
      ask(
        bareQuestion(opcodes.noop),
        () => {
          clearTimeout(impatience)
          ready(connection)
        },
        () => {},
      ),
    )
  }

  /** What is asked in one turn leaves together. */
  function write(bytes: Buffer): void {
    if (!isCorked) {
      isCorked = true
      socket.cork()
      nextTick(uncork)
    }
    socket.write(bytes)
  }

  function uncork(): void {
    isCorked = false
    socket.uncork()
  }

  function end(problem: string, isRefusal = false): void {
    if (isOver) return
    isOver = true
    clearTimeout(impatience)
    socket.destroy()
    failAll()
    ended(connection, problem, isRefusal)
  }

  function owed<T>(question: Question, receive: (reply: Reply, resolve: (value: T) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      if (isOver) return reject(new Error('over'))
      watch.expect()
      const reply = (one: Reply): void => {
        receive(one, (value) => {
          watch.heard()
          resolve(value)
        })
      }
      const fail = (): void => {
        watch.forget()
        reject(new Error('lost'))
      }
      write(ask(question, reply, fail))
    })
  }

  const connection: Connection = {
    ask: (question) => owed(question, (reply, resolve) => resolve(answerIn(reply))),
    askMany(question) {
      const answers: Answer[] = []
      return owed({ ...question, hasMany: true }, (reply, resolve) => {
        const isLast = reply.header.totalBodyLength === 0 || reply.header.status !== 0
        if (isLast) resolve(answers)
        else answers.push(answerIn(reply))
      })
    },
    end,
  }

  function answerIn({ header, key, val }: Reply): Answer {
    return { status: header.status as number, key, value: val, cas: header.cas as Buffer, from: connection }
  }

  return connection
}

/** Only a code of the system's: what else an error of TLS says may be anything. */
export function problemIn(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' && /^[A-Z_0-9]+$/.test(code) ? code : 'the connection was lost'
}
