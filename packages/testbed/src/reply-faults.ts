/**
 * What becomes of a chunk of replies.
 *
 * - `pass`: the client gets it.
 * - `swallow`: it is discarded, and the connection goes on. A client that takes replies in order then gives the next reply to the wrong
 *   request; a real network never does this.
 * - `mute`: it and everything that follows on this connection are discarded, while requests still reach the server.
 * - `cut`: it is discarded, and the connection is closed on both sides.
 */
export type ReplyVerdict = 'pass' | 'swallow' | 'mute' | 'cut'

/** Judges a chunk as the server wrote it: for one small request at a time, one reply; pipelined replies can share a chunk. */
export type ReplyJudge = (chunk: Buffer) => ReplyVerdict

/** What can be done to the connection that carries a reply. */
export interface ReplyCarrier {
  muted: boolean
  stalled: boolean
  cut(): void
}

/** Decides, chunk by chunk, which replies reach their client. */
export interface ReplyFaults {
  /** Chunks discarded so far. */
  readonly discarded: number
  judgeBy(judge: ReplyJudge | undefined): void
  /** Lets the next so many bytes pass, over all connections, and then breaks the connection that carries them. Once. */
  breakAfter(bytes: number, how: 'cut' | 'stall'): void
  clear(): void
  /** The parts of the chunk to hand on, one by one. */
  parts(chunk: Buffer, carrier: ReplyCarrier): Iterable<Buffer>
}

/** Faults in the replies; none to begin with. */
export function replyFaults(): ReplyFaults {
  let discarded = 0
  let judge: ReplyJudge | undefined
  let intact = Infinity
  let breakage: 'cut' | 'stall' = 'cut'

  return {
    get discarded() {
      return discarded
    },
    judgeBy(next) {
      judge = next
    },
    breakAfter(bytes, how) {
      intact = bytes
      breakage = how
    },
    clear() {
      judge = undefined
      intact = Infinity
    },
    *parts(chunk, carrier) {
      const verdict = carrier.muted ? 'mute' : (judge?.(chunk) ?? 'pass')
      if (verdict !== 'pass') {
        discarded += 1
        if (verdict === 'mute') carrier.muted = true
        if (verdict === 'cut') carrier.cut()
        return
      }
      if (chunk.length <= intact) {
        intact -= chunk.length
        yield chunk
        return
      }
      const split = intact
      intact = Infinity
      if (split > 0) yield chunk.subarray(0, split)
      if (breakage === 'cut') return carrier.cut()
      carrier.stalled = true
      yield chunk.subarray(split)
    },
  }
}
