/** An answer, or what came instead of one. */
export interface Answer {
  /** `silence`: nothing came in the time that the visitor waits. */
  readonly status: number | 'silence'
  /** Whether the connection broke before the answer was complete. */
  readonly cut: boolean
  readonly data: Record<string, unknown>
  /** Milliseconds. */
  readonly took: number
}

/** A browser as far as cookies go: each answer's cookies replace those that it had. */
export interface Visitor {
  get(path: string, within?: number): Promise<Answer>
  /** Name and value of each cookie. */
  readonly cookies: Map<string, string>
}

/** @param cookies those that it has from the start */
export function visitor(url: string, cookies: ReadonlyMap<string, string> = new Map()): Visitor {
  const jar = new Map(cookies)
  return {
    cookies: jar,
    async get(path, within = 30_000) {
      const startedAt = performance.now()
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
      const answer = await ask(url + path, cookie, AbortSignal.timeout(within))
      for (const line of answer.cookies) keep(line, jar)
      return { status: answer.status, cut: answer.text === undefined, data: dataOf(answer.text), took: performance.now() - startedAt }
    },
  }
}

async function ask(url: string, cookie: string, signal: AbortSignal) {
  const response = await fetch(url, { headers: cookie === '' ? {} : { cookie }, signal }).catch(unlessTimeout)
  if (response === undefined) return { status: 'silence' as const, cookies: [], text: '' }
  // The status stands, whatever becomes of the rest.
  const text = await response.text().catch(() => undefined)
  return { status: response.status, cookies: response.headers.getSetCookie(), text }
}

function unlessTimeout(error: Error): undefined {
  if (error.name !== 'TimeoutError') throw error
}

function keep(line: string, jar: Map<string, string>): void {
  const [pair = '', ...attributes] = line.split(';')
  const at = pair.indexOf('=')
  const isOver = attributes.some((attribute) => /^ *max-age=0$/i.test(attribute) || isPast(attribute))
  if (isOver) jar.delete(pair.slice(0, at))
  else jar.set(pair.slice(0, at), pair.slice(at + 1))
}

function isPast(attribute: string): boolean {
  const [, date] = /^ *expires=(.*)$/i.exec(attribute) ?? []
  return date !== undefined && Date.parse(date) < Date.now()
}

/** An error's page is no session. */
function dataOf(text: string | undefined): Record<string, unknown> {
  try {
    return JSON.parse(text ?? '{}') as Record<string, unknown>
  } catch {
    return {}
  }
}
