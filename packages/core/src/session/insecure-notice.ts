/** Tells about a Secure cookie that a browser is about to drop. `header` reads one of the request's. */
export type InsecureNotice = (header: (name: string) => string | null | undefined) => void

/**
 * Explains, once for each manager, why sign-ins do not last: a Secure cookie that is sent over plain http is dropped by
 * every browser, without a word, unless the host is this machine. Where a load balancer says that it has ended TLS,
 * all is well.
 */
export function insecureNotice(cookieName: string): InsecureNotice {
  let told = false
  return (header) => {
    if (told || endedTls(header)) return
    const host = header('host')
    if (!host || isThisMachine(host)) return
    told = true
    warn(
      `The cookie ${cookieName} is Secure, and was set on an answer to plain http from a host that is not localhost: browsers drop it. ` +
        "Serve https; or let the load balancer that ends TLS send X-Forwarded-Proto; or, for a test on http, set cookie: { secure: 'auto' }.",
    )
  }
}

function endedTls(header: (name: string) => string | null | undefined): boolean {
  return /https/i.test(`${header('x-forwarded-proto') ?? ''} ${header('forwarded') ?? ''}`)
}

// What browsers take for trustworthy without TLS (W3C Secure Contexts, 3.1).
function isThisMachine(host: string): boolean {
  return /^(?:localhost|[^:]+\.localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/i.test(host)
}

// Not every runtime has a `process`.
function warn(text: string): void {
  const { process } = globalThis as { process?: { emitWarning?: typeof globalThis.process.emitWarning } }
  process?.emitWarning?.(text, { type: 'HoldfastWarning', code: 'HOLDFAST_INSECURE' })
}
