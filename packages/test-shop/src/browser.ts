/** Sends requests with the cookies that it was given, as a browser does; follows no redirects. */
export interface Browser {
  /** Its cookies by name. */
  readonly jar: Map<string, string>
  /** The Cookie header of its next request. */
  readonly cookie: string
  request(path: string, init?: RequestInit): Promise<Response>
}

/**
 * @param server - the origin of one that listens, or what answers a request for a path
 * @example
 * const ann = browser('http://127.0.0.1:8080')
 * await ann.request('/sign-in', { method: 'POST' })
 * expect(await (await ann.request('/who')).text()).toBe('ann')
 * @example
 * const bob = browser(app.request)
 */
export function browser(server: string | ((path: string, init: RequestInit) => Response | Promise<Response>)): Browser {
  const send = typeof server === 'string' ? async (path: string, init: RequestInit) => fetch(server + path, init) : server
  const jar = new Map<string, string>()
  return {
    jar,
    get cookie() {
      return Array.from(jar, ([name, value]) => `${name}=${value}`).join('; ')
    },
    async request(path, init = {}) {
      const headers = new Headers(init.headers)
      if (jar.size > 0 && !headers.has('cookie')) headers.set('cookie', this.cookie)
      const response = await send(path, { redirect: 'manual', ...init, headers })
      for (const line of response.headers.getSetCookie()) {
        const [name = '', value = ''] = (line.split(';')[0] as string).split(/=(.*)/s)
        if (/max-age=0/i.test(line)) jar.delete(name)
        else jar.set(name, value)
      }
      return response
    },
  }
}
