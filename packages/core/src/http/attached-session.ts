import type { IncomingMessage, ServerResponse } from 'node:http'
import type { SessionError } from '../errors.ts'
import { isHeard } from '../events.ts'
import type { SetHeaders } from '../session/apply-headers.ts'
import type { LoadOptions, OpenSession } from '../session/open-session.ts'
import type { Session } from '../session/session.ts'
import { isGone } from './either-response.ts'
import { holdBack } from './hold-back.ts'
import type { Awaited } from './response-gate.ts'

/** An open session whose first `load` makes the answer wait for its commit. A class, since one is made for every request. */
export class AttachedSession<Data extends object> implements OpenSession<Data>, Awaited {
  readonly #opened: OpenSession<Data>
  readonly #req: IncomingMessage
  readonly #res: ServerResponse
  readonly #onCommitError: (error: unknown, req: IncomingMessage) => unknown
  #waits = false
  #callerKnows = false

  constructor(
    opened: OpenSession<Data>,
    req: IncomingMessage,
    res: ServerResponse,
    onCommitError: (error: unknown, req: IncomingMessage) => unknown,
  ) {
    this.#opened = opened
    this.#req = req
    this.#res = res
    this.#onCommitError = onCommitError
  }

  get asked(): boolean {
    return this.#opened.asked
  }

  get failure(): SessionError | undefined {
    return this.#opened.failure
  }

  // Answers the promise as it stands: one derived from it could be rejected before anybody awaits it, which ends the process.
  readonly load = (options?: LoadOptions): Promise<Session<Data>> => {
    if (this.#waits) return this.#opened.load(options)
    this.#waits = true
    if (isHeard('late-change')) this.#res.once('close', () => this.#opened.end())
    const late = this.#res.headersSent
    if (!late) holdBack(this.#res, this)
    const loading = this.#opened.load(options)
    // Nothing is pending: this shuts the session. Where loading failed, its caller knows.
    if (late) this.#opened.commit().catch(() => {})
    return loading
  }

  // By an adapter or a handler. Where it fails before the first byte, the error that they answer with is sent.
  readonly commit = (): Promise<SetHeaders> => {
    const committing = this.#opened.commit()
    committing.catch(() => (this.#callerKnows = !this.#res.headersSent))
    return committing
  }

  readonly settle = (): SetHeaders | Promise<SetHeaders> => {
    const settled = this.#opened.settle()
    if (settled instanceof Promise || this.#opened.failure !== undefined) return this.#settleLater(settled)
    if (isGone(this.#res)) this.#opened.end()
    return settled
  }

  async #settleLater(settled: SetHeaders | Promise<SetHeaders>): Promise<SetHeaders> {
    try {
      return [...(await settled), ...this.#headersOfFailure()]
    } catch (error) {
      // A success is never sent for what was not saved, whoever knows.
      if (!this.#callerKnows || this.#res.statusCode < 400) throw error
      return this.#headersOfFailure()
    } finally {
      if (isGone(this.#res)) this.#opened.end()
    }
  }

  readonly end = (): void => {
    this.#opened.end()
  }

  report(error: unknown): void {
    void this.#tell(error)
  }

  // Error handlers answer with an error's status, and some of them (Nest's) without its headers.
  #headersOfFailure(): SetHeaders {
    const { failure } = this.#opened
    if (failure === undefined || failure.status !== this.#res.statusCode) return []
    return Object.entries(failure.headers).filter(([name]) => !this.#res.hasHeader(name))
  }

  async #tell(error: unknown): Promise<void> {
    try {
      await this.#onCommitError(error, this.#req)
    } catch (failure) {
      console.error(failure)
    }
  }
}
