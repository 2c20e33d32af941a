import type { Buffer } from 'node:buffer'
import { Server, Utils, type Response } from 'memjs'
import { opcodes, type Question } from './questions.ts'

/** What a server answers, as memjs reads it. */
export type Reply = Response

/** Turns questions into bytes, and the bytes that come back into replies: a `Server` of memjs, of which nothing else is used. */
export interface Frames {
  /** The bytes of a question whose reply goes to `reply`, or which fails. One of the two is called, once, but for `hasMany`. */
  ask(question: Question, reply: (reply: Reply) => void, fail: () => void): Buffer
  /** @throws for what can be no reply to what was asked: what follows in this connection means nothing any more */
  feed(chunk: Buffer): void
  /** Fails all that is owed. */
  failAll(): void
}

/** What is used of a `Server`: its types leave some of it out. */
interface Framing {
  readonly responseBuffer: Buffer
  readonly responseCallbacks: Readonly<Record<number, ReplyCallback>>
  onResponse(sequence: number, callback: ReplyCallback): void
  onError(sequence: number, callback: () => void): void
  on(event: 'authenticated', listener: () => void): void
  responseHandler(chunk: Buffer): void
  respond(reply: Reply): void
  saslAuth(): void
  error(error: unknown): void
}

type ReplyCallback = ((reply: Reply) => void) & { quiet?: boolean }

const framing = Server.prototype as unknown as Framing

const replyMagic = 0x81
const headBytes = 24
const bodyLengthOffset = 8
const casOffset = 16
/** memjs reads numbers back without a sign, and takes them for an object's keys: below 2^31 nothing of that goes wrong. */
const lastSequence = 2 ** 31 - 1

export interface FramesOptions {
  /** Bytes of the longest reply that there can be. */
  readonly longestBody: number
  /** The server does not know us (status 0x20). */
  readonly refused: () => void
  /** The number of the first question. Default 1. */
  readonly firstSequence?: number | undefined
}

export function frames({ longestBody, refused, firstSequence = 1 }: FramesOptions): Frames {
  const server = new Server('', 0) as unknown as Framing
  let next = firstSequence
  let oldest = firstSequence
  let signIn: number | undefined

  // A server answers one connection in order. memjs takes any reply, and keeps what it cannot read for ever.
  server.respond = (reply) => {
    const { magic, opaque } = reply.header
    const callback = opaque === undefined ? undefined : server.responseCallbacks[opaque]
    if (magic !== replyMagic || opaque !== oldest || callback === undefined) throw surprise()
    // An error is the last of many, too.
    if (reply.header.status !== 0) callback.quiet = false
    if (callback.quiet !== true || reply.header.totalBodyLength === 0) oldest = after(oldest)
    framing.respond.call(server, reply)
  }
  server.error = refused
  // memjs would send what it found in the environment.
  server.saslAuth = () => {
    throw surprise()
  }
  // The reply to a sign-in, which memjs keeps to itself; a refusal goes to `error`.
  server.on('authenticated', () => {
    if (oldest !== signIn) throw surprise()
    oldest = after(oldest)
  })

  return {
    ask(question, reply, fail) {
      const { opcode, key, extras, value, cas, hasMany = false } = question
      const sequence = next
      next = after(next)
      if (opcode === opcodes.auth) signIn = sequence
      const callback: ReplyCallback = (one) => reply(one)
      if (hasMany) callback.quiet = true
      server.onResponse(sequence, callback)
      server.onError(sequence, fail)
      const bytes = Utils.makeRequestBuffer(opcode, key, extras, value, sequence)
      cas?.copy(bytes, casOffset)
      return bytes
    },
    feed(chunk) {
      server.responseHandler(chunk)
      const rest = server.responseBuffer
      if (rest.length > 0 && rest[0] !== replyMagic) throw surprise()
      if (rest.length < headBytes) return
      const bodyLength = rest.readUInt32BE(bodyLengthOffset)
      // What is longer than it says is never complete to memjs.
      if (bodyLength > longestBody || bodyLength < rest.readUInt16BE(2) + rest.readUInt8(4)) throw surprise()
    },
    failAll: () => framing.error.call(server, undefined),
  }
}

function after(sequence: number): number {
  return sequence === lastSequence ? 1 : sequence + 1
}

function surprise(): Error {
  return new Error('what came was no reply')
}
