import type { ServerResponse } from 'node:http'
import type { HeaderSink } from '../session/apply-headers.ts'

/** Node's own response as a place for headers; Express's `res` is one as it stands. */
export function responseSink(res: ServerResponse): HeaderSink {
  return {
    get: (name) => res.getHeader(name),
    set: (name, value) => res.setHeader(name, value),
    append: (name, value) => res.appendHeader(name, value),
  }
}
