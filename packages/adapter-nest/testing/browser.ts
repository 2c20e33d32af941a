/** Sends requests with the cookies that it was given, as a browser does; follows no redirects. */
export interface Browser {
  /** Its cookies by name. */
  readonly jar: Map<string, string>
  request(path: string, init?: RequestInit): Promise<Response>
}

/**
 * @example
 * const ann = browser(app.request)
 * await ann.request('/sign-in', { method: 'POST' })
 * expect(await (await ann.request('/me')).text()).toBe('ann')
 */
export function browser(send: (path: string, init: RequestInit) => Response | Promise<Response>): Browser {
  const jar = new Map<string, string>()
  return {
    jar,
    async request(path, init = {}) {
      const headers = new Headers(init.headers)
      if (jar.size > 0 && !headers.has('cookie')) headers.set('cookie', [...jar].map((pair) => pair.join('=')).join('; '))
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
