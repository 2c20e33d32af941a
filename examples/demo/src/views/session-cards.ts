import type { Outcome } from '@holdfast/core'
import { html } from 'hono/html'
import type { HomeView } from './home-page.ts'
import { instant } from './instant.ts'
import type { Html } from './layout.ts'

/** One session from three sides: the handler's, the browser's and the store's. */
export function sessionCards(view: HomeView): Html {
  return html`${handlerCard(view)} ${browserCard(view)} ${storeCard(view)}`
}

const meaning: Readonly<Record<Outcome, string>> = {
  live: 'A record was found, and its deadlines have not passed.',
  new: 'The browser sent no cookie, so the store was not asked. Nothing is stored until something changes.',
  missing: 'A good cookie, and no record: evicted, or lost with a node.',
  expired: 'A timeout has passed.',
  ended: 'Signed out, or replaced at a sign-in.',
  invalid: 'The signature does not hold: changed, or signed with another secret.',
  unavailable: 'The store did not answer.',
}

function handlerCard({ session }: HomeView): Html {
  const { outcome, id, subject, createdAt, expiresAt } = session
  return html`<section class="card" aria-labelledby="handler-title">
    <h3 id="handler-title">In the handler <code>await getSession(c)</code></h3>
    <dl>
      ${row('outcome', html`<span class="badge" data-outcome="${outcome}">${outcome}</span> <span class="hint">${meaning[outcome]}</span>`)}
      ${row('subject', subject ?? html`<span class="hint">nobody has signed in</span>`)}
      ${outcome === 'live' ? row('id', html`<code data-id>${id}</code> <span class="hint">public: safe to log</span>`) : ''}
      ${outcome === 'live' ? row('createdAt', instant(createdAt)) : ''}
      ${outcome === 'live' ? row('expiresAt', instant(expiresAt, 'unless it is used again')) : ''}
    </dl>
  </section>`
}

function browserCard({ session, cookie }: HomeView): Html {
  const parts = cookie && session.outcome === 'live' ? cookie : undefined
  return html`<section class="card" aria-labelledby="browser-title">
    <h3 id="browser-title">In the browser <code>${parts?.name ?? 'no cookie'}</code></h3>
    ${
      parts === undefined
        ? html`<p class="hint">A visitor who stores nothing gets no cookie.</p>`
        : html`<dl>
            ${row('format', parts.format)}
            ${row('token', html`<code>${parts.tokenStart}…</code> <span class="hint">256 random bits, the secret; its hash is the id</span>`)}
            ${row('deadline', instant(parts.deadline, 'the absolute timeout'))}
            ${row('signature', html`HMAC-SHA-256 <span class="hint">over all of it; a cookie that fails costs no store call</span>`)}
            ${row('attributes', html`<code>Secure; HttpOnly; SameSite=Lax; Path=/</code>`)}
          </dl>`
    }
  </section>`
}

function storeCard({ session, record, place }: HomeView): Html {
  const writes = record && Number.parseInt(record.version, 10)
  return html`<section class="card" aria-labelledby="store-title">
    <h3 id="store-title">In the store <code>${place}</code></h3>
    ${
      record === null
        ? html`<p class="hint">No record.</p>`
        : html`<dl>
            ${row('version', html`<code>${record.version}</code> <span class="hint">${writes === 1 ? 'written once' : `written ${writes} times`}</span>`)}
            ${row('size', `${record.value.byteLength} bytes`)}
            ${row('data', html`<pre tabindex="0" aria-label="The record's data">${JSON.stringify(session.data, null, 2)}</pre>`)}
          </dl>`
    }
  </section>`
}

function row(term: string, value: Html | string): Html {
  return html`<div>
    <dt>${term}</dt>
    <dd>${value}</dd>
  </div>`
}
