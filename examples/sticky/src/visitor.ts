import type { Answer } from './answer.ts'

/** Somebody with a browser: keeps cookies, for as long as they say. */
export interface Visitor {
  /** A request; rejects unless the answer is 200. */
  ask(method: 'GET' | 'POST', path: string, body?: string): Promise<Answer>
}

interface Cookie {
  readonly value: string
  /** Of `performance.now()`. */
  readonly until: number
}

export function visitorOf(origin: string): Visitor {
  const jar = new Map<string, Cookie>()

  function take(line: string): void {
    const [pair = '', ...attributes] = line.split(';')
    const equals = pair.indexOf('=')
    const maxAge = attributes.map((each) => /^\s*max-age=(\d+)$/i.exec(each)?.[1]).find((each) => each !== undefined)
    const until = maxAge === undefined ? Infinity : performance.now() + Number(maxAge) * 1_000
    jar.set(pair.slice(0, equals), { value: pair.slice(equals + 1), until })
  }

  return {
    async ask(method, path, body) {
      const now = performance.now()
      const cookies = [...jar].flatMap(([name, { value, until }]) => (until > now ? [`${name}=${value}`] : []))
      const response = await fetch(origin + path, { method, headers: { cookie: cookies.join('; ') }, body: body ?? null })
      const text = await response.text()
      if (response.status !== 200) throw new Error(`${method} ${path} was answered with ${response.status}: ${text}`)
      response.headers.getSetCookie().forEach(take)
      return JSON.parse(text) as Answer
    },
  }
}

/** Somebody with a session that has been signed in, and changed once since; and what the answers said. */
export async function signedIn(origin: string, name: string): Promise<{ visitor: Visitor; answers: Answer[] }> {
  const visitor = visitorOf(origin)
  const answers = [await visitor.ask('POST', '/count'), await visitor.ask('POST', '/sign-in', name), await visitor.ask('POST', '/count')]
  return { visitor, answers }
}
