import type { ServerResponse } from 'node:http'
import type { HeaderSink } from '../session/apply-headers.ts'

/** Node's own response as a place for headers; Express's `res` is one as it stands. A class, since one is made for every answer. */
export class ResponseSink implements HeaderSink {
  readonly #res: ServerResponse

  constructor(res: ServerResponse) {
    this.#res = res
  }

  get(name: string): string | readonly string[] | number | undefined {
    return this.#res.getHeader(name)
  }

  set(name: string, value: string): void {
    this.#res.setHeader(name, value)
  }

  append(name: string, value: string): void {
    this.#res.appendHeader(name, value)
  }
}
