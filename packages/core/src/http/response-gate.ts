import { EventEmitter } from 'node:events'
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { sessionError } from '../errors.ts'
import { applyHeaders, type SetHeaders } from '../session/apply-headers.ts'
import { isGone } from './either-response.ts'
import { errorAnswer, replaceHead, type ErrorAnswer } from './error-answer.ts'
import { carryOut, checkChunk, drop, type HeldCall } from './held-call.ts'
import { looksSent, type TakenIn } from './looks-sent.ts'
import { headersSent } from './node-error.ts'
import { implicitHead, mergeHead, type ResponseHead } from './response-head.ts'
import { ResponseSink } from './response-sink.ts'

/**
 * - `open`: nothing was sent.
 * - `held`: the commits are under way, and what is sent waits.
 * - `replaying`: what was held is being sent, under the headers of the commits.
 * - `passed`: the response is as it was before.
 * - `void`: a commit failed, and the error was sent; for the handlers it is as if the client had gone.
 */
type GateState = 'open' | 'held' | 'replaying' | 'passed' | 'void'

/** A session that an answer waits for. */
export interface Awaited {
  /** Called once, when the first byte is sent. Answers the headers to send, at once where nothing has to be saved. */
  settle(): SetHeaders | Promise<SetHeaders>
  /** Told what went wrong where no handler can be told any more. */
  report(error: unknown): void
}

/** What the commits gave: headers to send, and what went wrong. */
export interface Settled {
  readonly headers: SetHeaders
  readonly failed: readonly unknown[]
}

/** What an answer waits for, and who is told what no handler can be told any more. */
export interface Commits {
  /** Another session of this response; false where the commits have begun. */
  add(awaited: Awaited): boolean
  /** At once, and not by a promise, where nothing has to be saved: the answer then waits for nothing. */
  commit(): Settled | Promise<Settled>
  report(error: unknown): void
}

/**
 * Shuts a gate in front of a response. The first byte that a handler sends starts the commits; what it sends waits until they
 * have settled, and then leaves under their headers. When one fails, the error's answer leaves in its place. While it waits,
 * the response tells what it would without the gate: `headersSent`, `writableEnded`, `writableNeedDrain`, and headers that can
 * no longer be set.
 *
 * Whatever has replaced methods of the response before, or does so afterwards, keeps its place: compression, on-headers,
 * express-session.
 */
export function shutGate(res: ServerResponse, commits: Commits): void {
  const gated: Gated = res
  if (gated[key] === undefined) gated[key] = new Gate(res, commits)
  else gated[key].shutAgain(commits)
}

/** What the response's gate waits for, if it has one. */
export function commitsOf(res: ServerResponse): Commits | undefined {
  return (res as Gated)[key]?.commits
}

// The ESM and the CJS copy of this package share the gate: in a row, one would not see the other's head leave.
const key: unique symbol = Symbol.for('holdfast.gate') as never
type Gated = ServerResponse & { [key]?: Gate }

// The same for all responses, and left on them: closures of each response's own would keep the engine from compiling any of this well.
// Few, and the rest only on what is held: under Express on Node 20 each property more costs a response some two microseconds.
const sending = {
  writeHead(this: Gated, ...args: unknown[]): ServerResponse {
    return gate(this).writeHead(args)
  },
  write(this: Gated, ...args: unknown[]): boolean {
    return gate(this).write(args)
  },
  end(this: Gated, ...args: unknown[]): ServerResponse {
    return gate(this).end(args)
  },
  flushHeaders(this: Gated): void {
    gate(this).flushHeaders()
  },
  // Only Node's own methods call it, and those can be reached past a shut gate by what took them from the response before: where
  // that has writeHead too, nothing else tells of it.
  _send(this: Gated, ...args: unknown[]): unknown {
    return gate(this).send(args)
  },
}

function listen(this: Gated, event: string | symbol, listener: () => void): ServerResponse {
  return gate(this).listen(event, listener)
}

const holding = {
  on: listen,
  addListener: listen,
  // Node's own methods call it, and so does express-session.
  _implicitHeader(this: Gated): void {
    gate(this).sendImplicitHead()
  },
}

function gate(res: Gated): Gate {
  return res[key] as Gate
}

class Gate {
  readonly #res: ServerResponse
  commits: Commits
  readonly #original: Sending
  #originalOn: ServerResponse['on'] | undefined
  readonly #takenIn: TakenIn = { ended: false, owesDrain: false }
  readonly #drainListeners: (() => void)[] = []
  #headersBefore: OutgoingHttpHeaders
  #state: GateState = 'open'
  #head: ResponseHead | undefined
  #held: HeldCall[] = []
  #setHeaders: SetHeaders = []
  #unfreeze: (() => void) | undefined

  constructor(res: ServerResponse, commits: Commits) {
    this.#res = res
    this.commits = commits
    this.#headersBefore = res.getHeaders()
    const gated: Sending = res as ServerResponse & Internals
    const { writeHead, write, end, flushHeaders, _send } = gated
    this.#original = { writeHead, write, end, flushHeaders, _send }
    // By assignment one by one, which is compiled: Object.assign is not, and defining properties takes tens of microseconds.
    gated.writeHead = sending.writeHead
    gated.write = sending.write
    gated.end = sending.end
    gated.flushHeaders = sending.flushHeaders
    gated._send = sending._send
    // What has taken `on` (compression) keeps listeners to itself, also those that come before anything is held (pipeline's).
    if (res.on !== EventEmitter.prototype.on) this.#watch()
  }

  /** For a session that is first asked for after the others have been committed, and nothing was sent since the client had gone. */
  shutAgain(commits: Commits): void {
    this.commits = commits
    this.#headersBefore = this.#res.getHeaders()
    this.#state = 'open'
    this.#head = undefined
  }

  get #isShut(): boolean {
    return this.#state === 'open' || this.#state === 'held'
  }

  writeHead(args: readonly unknown[]): ServerResponse {
    const res = this.#res
    if (this.#isShut) {
      if (this.#head !== undefined) throw headersSent('write')
      this.#freeze(mergeHead(res, args))
      return res
    }
    if (this.#state !== 'replaying' || res.headersSent) return this.#original.writeHead.apply(res, args as never)
    // Now, and not before: what listens for the head (on-headers) may have set headers of its own just before.
    const { status } = mergeHead(res, args)
    applyHeaders(this.#setHeaders, new ResponseSink(res))
    this.#setHeaders = []
    return this.#original.writeHead.call(res, status)
  }

  write(args: readonly unknown[]): boolean {
    if (this.#state === 'void') return drop({ method: 'write', args })
    if (!this.#isShut) return this.#original.write.apply(this.#res, args as never)
    checkChunk(args[0])
    if (this.#goesAtOnce()) return this.#sendAtOnce({ method: 'write', args }) as boolean
    this.#hold({ method: 'write', args })
    this.#takenIn.owesDrain = true
    return false
  }

  end(args: readonly unknown[]): ServerResponse {
    if (this.#state === 'void') drop({ method: 'end', args })
    else if (!this.#isShut) this.#original.end.apply(this.#res, args as never)
    else {
      const [chunk] = args
      if (chunk !== undefined && chunk !== null && typeof chunk !== 'function') checkChunk(chunk)
      if (this.#goesAtOnce()) this.#sendAtOnce({ method: 'end', args })
      else {
        this.#hold({ method: 'end', args })
        this.#takenIn.ended = true
      }
    }
    return this.#res
  }

  flushHeaders(): void {
    const res = this.#res
    if (!this.#isShut) return this.#original.flushHeaders.call(res)
    // Node's does so too: compression, where it stands in front of the gate, has to know before it is given the body.
    if (this.#head === undefined) res.writeHead(res.statusCode)
    if (this.#goesAtOnce()) this.#sendAtOnce({ method: 'flushHeaders', args: [] })
    else this.#hold({ method: 'flushHeaders', args: [] })
  }

  sendImplicitHead(): void {
    const res = this.#res
    // By the method that stands on the response, as Node would: on-headers may have taken it since.
    if (!this.#isShut || this.#head === undefined) res.writeHead(res.statusCode)
  }

  send(args: readonly unknown[]): unknown {
    const res = this.#res
    if (!this.#isShut) return this.#original._send.apply(res, args as unknown[])
    if (!isGone(res)) {
      this.commits.report(
        sessionError(
          'ERR_COMMITTED',
          'An answer was sent past the session that it has to wait for, and was cut off. Ask for the session before taking write() or end() from the response.',
        ),
      )
    }
    if (this.#state === 'open') this.#begin(this.commits.commit())
    res.destroy()
    return false
  }

  // Compression keeps listeners for 'drain' to itself, where those whom the gate told to wait would not be found.
  listen(event: string | symbol, listener: () => void): ServerResponse {
    if (event === 'drain' && this.#isShut) this.#drainListeners.push(listener)
    return this.#originalOn?.call(this.#res, event, listener) as ServerResponse
  }

  /** Starts the commits, unless they are under way. Whether there was nothing to save, so that what is sent can leave. */
  #goesAtOnce(): boolean {
    if (this.#state !== 'open') return false
    this.#head ??= implicitHead(this.#res)
    const settled = this.commits.commit()
    if (settled instanceof Promise || settled.failed.length > 0 || isGone(this.#res)) {
      this.#begin(settled)
      return false
    }
    this.#setHeaders = settled.headers
    this.#thaw()
    return true
  }

  #sendAtOnce(call: HeldCall): unknown {
    this.#state = 'replaying'
    try {
      this.#sendHead()
      return carryOut(this.#res, this.#original, call)
    } finally {
      this.#pass()
    }
  }

  #hold(call: HeldCall): void {
    if (this.#unfreeze === undefined) this.#freeze(this.#head ?? implicitHead(this.#res))
    this.#held.push(call)
  }

  /** From the head on, the response looks sent. */
  #freeze(sent: ResponseHead): void {
    this.#head = sent
    this.#unfreeze = looksSent(this.#res, this.#takenIn)
    if (this.#originalOn === undefined) this.#watch()
  }

  #watch(): void {
    this.#originalOn = this.#res.on
    Object.assign(this.#res, holding)
  }

  #thaw(): void {
    this.#unfreeze?.()
    this.#unfreeze = undefined
  }

  #begin(settled: Settled | Promise<Settled>): void {
    this.#state = 'held'
    void this.#settle(settled)
  }

  async #settle(settled: Settled | Promise<Settled>): Promise<void> {
    const { headers, failed } = await settled
    const answer = failed.length === 0 ? undefined : await errorAnswer(failed[0])
    this.#setHeaders = headers
    this.#thaw()
    if (isGone(this.#res)) this.#state = 'passed'
    else if (answer !== undefined) this.#sendError(answer)
    else this.#replay()
    this.#held.forEach(drop)
    this.#held = []
  }

  #replay(): void {
    const calls = this.#held.splice(0)
    let flowing = true
    this.#state = 'replaying'
    try {
      this.#sendHead()
      for (const call of calls) {
        const answer = carryOut(this.#res, this.#original, call)
        if (call.method === 'write') flowing = answer !== false
      }
    } catch (error) {
      this.#res.destroy(error as Error)
      this.commits.report(error)
    }
    this.#pass()
    const { ended, owesDrain } = this.#takenIn
    // Where the last write was refused, 'drain' comes by itself.
    if (owesDrain && !ended && flowing) process.nextTick(() => this.#drain())
  }

  /** Not before the head has left: what took end() before the gate may send it in a later turn. */
  #pass(): void {
    if (this.#res.headersSent) this.#state = 'passed'
  }

  #sendHead(): void {
    const head = this.#head
    if (head === undefined) return
    this.#res.statusCode = head.status
    if (head.message !== undefined) this.#res.statusMessage = head.message
    if (head.explicit) this.writeHead([head.status])
  }

  #drain(): void {
    const reached = this.#res.rawListeners('drain')
    this.#res.emit('drain')
    for (const listener of this.#drainListeners) if (!reached.includes(listener)) listener.call(this.#res)
  }

  #sendError(answer: ErrorAnswer): void {
    this.#state = 'void'
    try {
      replaceHead(this.#res, answer, this.#headersBefore)
      // Of the sessions that were saved, where there are several.
      applyHeaders(this.#setHeaders, new ResponseSink(this.#res))
      this.#original.end.call(this.#res, answer.body, 'utf8')
    } catch (error) {
      this.#res.destroy(error as Error)
    }
  }
}

/** What Node's own methods call on the response. */
interface Internals {
  _send(...args: unknown[]): unknown
}

/** The response as far as its methods for sending go: ours take what Node's do. */
type Sending = Record<keyof typeof sending, (...args: any[]) => any>
