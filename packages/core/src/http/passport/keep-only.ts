import type { Session } from '../../session/session.ts'

/** Lets a session hold what it holds now and nothing else, also where another request stores something of its own meanwhile. */
export function keepOnly(session: Session<any>): void {
  const kept = Object.getOwnPropertyDescriptors(session.data)
  session.update((data: object) => {
    for (const key of Object.keys(data)) Reflect.deleteProperty(data, key)
    Object.defineProperties(data, kept)
  })
}
