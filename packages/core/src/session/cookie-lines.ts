import type { SetHeaders } from './apply-headers.ts'
import type { Draft } from './draft.ts'
import type { Engine } from './engine.ts'
import type { Presented } from './presented.ts'

// `private` keeps shared caches from storing the answer; `no-cache` makes the browser's own ask again.
const keepOutOfCaches = ['Cache-Control', 'private, no-cache'] as const
const varyByCookie = ['Vary', 'Cookie'] as const
const onlyVary: SetHeaders = [varyByCookie]

/**
 * The answer's headers for a session that was asked for. The token's cookie is written only when a token is issued, replaced, signed
 * anew or cleared; the freshness cookie only on changes, and only when the store answers from copies; the routing cookie only when the
 * browser is not bound to this node.
 */
export function cookieLines(engine: Engine<any>, draft: Draft<any>, presented: Presented, isSecure: () => boolean): SetHeaders {
  const lines = tokenLines(engine, draft, presented, isSecure)
  if (lines.length === 0) return onlyVary
  return [varyByCookie, keepOutOfCaches, ...lines.map((line) => ['Set-Cookie', line] as const)]
}

const noLines: readonly string[] = []

function tokenLines(engine: Engine<any>, draft: Draft<any>, presented: Presented, isSecure: () => boolean): readonly string[] {
  const { token, tokenLine, freshness, freshnessLine } = engine.cookie
  // Somebody else ended it: whatever cookie the browser has by now is not ours to touch. Nor is it for a stand-in.
  if (draft.ended === 'elsewhere' || draft.outcome === 'unavailable') return noLines
  if (draft.ended === 'here' || (draft.anew === 'begun' && draft.record === null)) {
    if (!presented.sent || !draft.mayStartAnew) return noLines
    const secure = isSecure()
    return engine.answersFromCopies ? [tokenLine.clear(secure), freshnessLine.clear(secure)] : [tokenLine.clear(secure)]
  }
  if (draft.record === null) return noLines
  const writesToken = draft.token !== presented.token || presented.outdated
  const writesFreshness = engine.answersFromCopies && draft.wrote
  const routing = engine.routing?.isDue(presented.bound, writesToken) === true ? engine.routing : undefined
  if (!writesToken && !writesFreshness && routing === undefined) return noLines
  const { createdAt, persistentUntil } = draft.envelope
  const maxAge = persistentUntil === undefined ? undefined : persistentUntil - engine.clock.now()
  const secure = isSecure()
  const lines: string[] = []
  if (writesToken) lines.push(tokenLine.write(token.write(draft.token as string, engine.timeouts.absolute(createdAt)), maxAge, secure))
  if (writesFreshness) lines.push(freshnessLine.write(freshness.write(draft.record.version, draft.id), maxAge, secure))
  if (routing !== undefined) lines.push(routing.write(maxAge, secure))
  return lines
}
