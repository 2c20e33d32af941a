import type { ServerResponse } from 'node:http'
import { headersSent } from './node-error.ts'

/** What a response has taken that has not left. */
export interface TakenIn {
  ended: boolean
  /** A `write` was answered with false. */
  owesDrain: boolean
}

const key = Symbol('holdfast.takenIn')
type Response = ServerResponse & { [key]?: TakenIn | undefined }

// The same for all responses, and left on them afterwards, where they tell what Node does: made and deleted for each, they
// would cost a request some ten microseconds.
const getters = {
  headersSent: getter('headersSent', () => true),
  writableEnded: getter('writableEnded', ({ ended }) => ended),
  writableNeedDrain: getter('writableNeedDrain', ({ ended, owesDrain }) => owesDrain && !ended),
}

function getter(name: string, tell: (takenIn: TakenIn) => boolean): PropertyDescriptor & ThisType<Response> {
  return {
    configurable: true,
    get() {
      const takenIn = this[key]
      return takenIn === undefined ? Reflect.get(Object.getPrototypeOf(this), name, this) : tell(takenIn)
    },
  }
}

const refusals = {
  setHeader: () => refuse('set'),
  appendHeader: () => refuse('append'),
  removeHeader: () => refuse('remove'),
}

/** Makes a response whose head was taken in look as if it had been sent. Answers how to undo that. */
export function looksSent(res: Response, takenIn: TakenIn): () => void {
  const { setHeader, appendHeader, removeHeader } = res
  res[key] = takenIn
  Object.defineProperties(res, getters)
  Object.assign(res, refusals)
  return () => {
    res[key] = undefined
    Object.assign(res, { setHeader, appendHeader, removeHeader })
  }
}

function refuse(verb: 'set' | 'append' | 'remove'): never {
  throw headersSent(verb)
}
