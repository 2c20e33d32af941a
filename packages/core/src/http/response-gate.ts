import type { ServerResponse } from 'node:http'
import { sessionError } from '../errors.ts'
import { applyHeaders, type SetHeaders } from '../session/apply-headers.ts'
import { isGone } from './either-response.ts'
import { errorAnswer, replaceHead, type ErrorAnswer } from './error-answer.ts'
import { carryOut, checkChunk, drop, type HeldCall } from './held-call.ts'
import { looksSent, type TakenIn } from './looks-sent.ts'
import { headersSent } from './node-error.ts'
import { replaceMethods } from './replace-methods.ts'
import { implicitHead, mergeHead, type ResponseHead } from './response-head.ts'
import { responseSink } from './response-sink.ts'

/**
 * - `open`: nothing was sent.
 * - `held`: the commits are under way, and what is sent waits.
 * - `replaying`: what was held is being sent, under the headers of the commits.
 * - `passed`: the response is as it was before.
 * - `void`: a commit failed, and the error was sent; for the handlers it is as if the client had gone.
 */
type GateState = 'open' | 'held' | 'replaying' | 'passed' | 'void'

/** What an answer waits for, and who is told what no handler can be told any more. */
export interface Commits {
  commit(): Promise<{ readonly headers: SetHeaders; readonly failed: readonly unknown[] }>
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
export function shutGate(res: ServerResponse, { commit, report }: Commits): void {
  const headersBefore = res.getHeaders()
  const takenIn: TakenIn = { ended: false, owesDrain: false }
  const drainListeners: (() => void)[] = []
  let state: GateState = 'open'
  let head: ResponseHead | undefined
  let held: HeldCall[] = []
  let setHeaders: SetHeaders = []
  let unfreeze = (): void => {}
  const isShut = (): boolean => state === 'open' || state === 'held'

  const original = methodsOf(res)
  const restore = replaceMethods(res, original, {
    writeHead,
    write,
    end,
    flushHeaders,
    on: listen,
    addListener: listen,
    _implicitHeader: sendImplicitHead,
    _send: send,
  })

  function writeHead(...args: unknown[]): ServerResponse {
    if (isShut()) {
      if (head !== undefined) throw headersSent('write')
      freeze(mergeHead(res, args))
      return res
    }
    if (state !== 'replaying' || res.headersSent) return original.writeHead.apply(res, args as never)
    // Now, and not before: what listens for the head (on-headers) may have set headers of its own just before.
    const { status } = mergeHead(res, args)
    applyHeaders(setHeaders, responseSink(res))
    return original.writeHead.call(res, status)
  }

  function write(...args: unknown[]): boolean {
    if (state === 'void') return drop({ method: 'write', args })
    if (!isShut()) return original.write.apply(res, args as never)
    checkChunk(args[0])
    hold({ method: 'write', args })
    takenIn.owesDrain = true
    return false
  }

  function end(...args: unknown[]): ServerResponse {
    if (state === 'void') drop({ method: 'end', args })
    else if (!isShut()) original.end.apply(res, args as never)
    else {
      const [chunk] = args
      if (chunk !== undefined && chunk !== null && typeof chunk !== 'function') checkChunk(chunk)
      hold({ method: 'end', args })
      takenIn.ended = true
    }
    return res
  }

  function flushHeaders(): void {
    if (isShut()) hold({ method: 'flushHeaders', args: [] })
    else original.flushHeaders.call(res)
  }

  // Node's own methods call it, and so does express-session.
  function sendImplicitHead(): void {
    if (!isShut()) res.writeHead(res.statusCode)
    else if (head === undefined) freeze({ ...implicitHead(res), explicit: true })
  }

  // Only Node's own methods call it, and those can be reached past a shut gate by what took them from the response before.
  function send(...args: unknown[]): unknown {
    if (!isShut()) return original._send.apply(res, args)
    if (!isGone(res)) {
      report(
        sessionError(
          'ERR_COMMITTED',
          'An answer was sent past the session that it has to wait for, and was cut off. Ask for the session before taking write() or end() from the response.',
        ),
      )
    }
    begin()
    res.destroy()
    return false
  }

  // Compression keeps listeners for 'drain' to itself, where those whom the gate told to wait would not be found.
  function listen(event: string | symbol, listener: () => void): ServerResponse {
    if (event === 'drain' && isShut()) drainListeners.push(listener)
    return original.on.call(res, event, listener)
  }

  function hold(call: HeldCall): void {
    if (head === undefined) freeze(implicitHead(res))
    held.push(call)
    begin()
  }

  /** From the head on, the response looks sent. */
  function freeze(sent: ResponseHead): void {
    head = sent
    unfreeze = looksSent(res, takenIn)
  }

  function begin(): void {
    if (state !== 'open') return
    state = 'held'
    void settle()
  }

  async function settle(): Promise<void> {
    const { headers, failed } = await commit()
    const answer = failed.length === 0 ? undefined : await errorAnswer(failed[0])
    setHeaders = headers
    unfreeze()
    if (isGone(res)) pass()
    else if (answer !== undefined) sendError(answer)
    else replay()
    held.forEach(drop)
    held = []
  }

  function replay(): void {
    const calls = held.splice(0)
    let flowing = true
    state = 'replaying'
    try {
      if (head !== undefined) {
        res.statusCode = head.status
        if (head.message !== undefined) res.statusMessage = head.message
        if (head.explicit) writeHead(head.status)
      }
      for (const call of calls) {
        const answer = carryOut(res, original, call)
        if (call.method === 'write') flowing = answer !== false
      }
    } catch (error) {
      res.destroy(error as Error)
      report(error)
    }
    pass()
    // Where the last write was refused, 'drain' comes by itself.
    if (takenIn.owesDrain && !takenIn.ended && flowing) process.nextTick(drain)
  }

  function drain(): void {
    const reached = res.rawListeners('drain')
    res.emit('drain')
    for (const listener of drainListeners) if (!reached.includes(listener)) listener.call(res)
  }

  function sendError(answer: ErrorAnswer): void {
    state = 'void'
    try {
      replaceHead(res, answer, headersBefore)
      // Of the sessions that were saved, where there are several.
      applyHeaders(setHeaders, responseSink(res))
      original.end.call(res, answer.body, 'utf8')
    } catch (error) {
      res.destroy(error as Error)
    }
  }

  function pass(): void {
    state = 'passed'
    restore()
  }
}

function methodsOf(res: ServerResponse) {
  const { writeHead, write, end, flushHeaders, on, addListener, _implicitHeader, _send } = res as ServerResponse & Internals
  return { writeHead, write, end, flushHeaders, on, addListener, _implicitHeader, _send }
}

/** What Node's own methods call on the response. */
interface Internals {
  _implicitHeader(): void
  _send(...args: unknown[]): unknown
}
