/** Sends requests with the cookies that it was given, as a browser does; follows no redirects. */
export interface Browser {
  /** The server's. */
  readonly origin: string
  /** Its cookies by name. */
  readonly jar: Map<string, string>
  request(path: string, init?: RequestInit): Promise<Response>
}

/**
 * @example
 * const ann = browser('http://127.0.0.1:8080')
 * await ann.request('/sign-in', { method: 'POST' })
 * expect(await (await ann.request('/who')).text()).toBe('ann')
 */
export function browser(origin: string): Browser {
  const jar = new Map<string, string>()
  return {
    origin,
    jar,
    async request(path, init = {}) {
      const headers = new Headers(init.headers)
      if (jar.size > 0 && !headers.has('cookie')) headers.set('cookie', [...jar].map((pair) => pair.join('=')).join('; '))
      const response = await fetch(origin + path, { redirect: 'manual', ...init, headers })
      for (const line of response.headers.getSetCookie()) {
        const [name = '', value = ''] = (line.split(';')[0] as string).split(/=(.*)/s)
        if (/max-age=0/i.test(line)) jar.delete(name)
        else jar.set(name, value)
      }
      return response
    },
  }
}
