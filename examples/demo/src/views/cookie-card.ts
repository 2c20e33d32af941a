import { html } from 'hono/html'
import { cookieName } from '../behind/cookie-parts.ts'
import type { HomeView } from './home-page.ts'
import { instant } from './instant.ts'
import type { Html } from './layout.ts'
import { row } from './row.ts'

/** The cookie as the browser has it, part by part. */
export function cookieCard({ session, cookie }: HomeView): Html {
  const parts = session.outcome === 'live' ? cookie : undefined
  return html`<section class="card" aria-labelledby="cookie-title">
    <h3 id="cookie-title">In the browser <code>${parts === undefined ? 'no cookie' : cookieName}</code></h3>
    ${
      parts === undefined
        ? html`<p class="hint">A visitor who stores nothing gets no cookie.</p>`
        : html`<p class="cookie" aria-hidden="true">
              <b>${parts.format}</b><i>.</i><b>${parts.tokenStart}…</b><i>.</i><b>${parts.deadlineText}</b><i>.</i><b>signature</b>
            </p>
            <dl>
              ${row('format', parts.format)}
              ${row('token', html`<code>${parts.tokenStart}…</code> <span class="hint">and 39 characters more, which are nobody else's business: 256 random bits. Its hash is the id.</span>`)}
              ${row('deadline', instant(parts.deadline, 'the absolute timeout'))}
              ${row('signature', html`HMAC-SHA-256 <span class="hint">over all of it; a cookie that fails costs no store call</span>`)}
              ${row('attributes', html`<code>Secure; HttpOnly; SameSite=Lax; Path=/</code>`)}
            </dl>`
    }
  </section>`
}
