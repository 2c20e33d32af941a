/** Headers for the answer, in order; `Set-Cookie` may come more than once. */
export type SetHeaders = readonly (readonly [name: string, value: string])[]

/** Where headers go. Fetch's `Headers`, Koa's `ctx.response` and Express's `res` are sinks as they stand. */
export interface HeaderSink {
  /** Null or undefined where there is none. */
  get(name: string): string | readonly string[] | number | null | undefined
  /** In place of what is there. */
  set(name: string, value: string): unknown
  /** Beside what is there. */
  append(name: string, value: string): unknown
}

/**
 * Appends Set-Cookie, adds to Vary, and sets Cache-Control unless what stands there is stricter. Doing it twice adds
 * nothing to Vary or Cache-Control.
 *
 * @example
 * applyHeaders(await opened.commit(), response.headers)
 */
export function applyHeaders(headers: SetHeaders, to: HeaderSink): void {
  for (const [name, value] of headers) {
    if (name === 'Vary') addToVary(value, to)
    else if (name === 'Cache-Control') tightenCacheControl(value, to)
    else to.append(name, value)
  }
}

function addToVary(value: string, to: HeaderSink): void {
  const present = textOf(to.get('Vary'))
  if (present === '') return void to.set('Vary', value)
  const names = present.split(',').map((name) => name.trim().toLowerCase())
  if (!names.includes('*') && !names.includes(value.toLowerCase())) to.set('Vary', `${present}, ${value}`)
}

// What matters is that no shared cache keeps an answer with a cookie in it (CVE-2023-30861).
const keptFromSharedCaches = /(?:^|,)\s*(?:private|no-store)\s*(?:,|$)/i

function tightenCacheControl(value: string, to: HeaderSink): void {
  if (!keptFromSharedCaches.test(textOf(to.get('Cache-Control')))) to.set('Cache-Control', value)
}

function textOf(value: string | readonly string[] | number | null | undefined): string {
  return value === null || value === undefined ? '' : String(value)
}
