import type { Outcome, Session } from '@holdfast/core'
import { html } from 'hono/html'
import type { Shop } from '../shop/shop.ts'
import { instant } from './instant.ts'
import type { Html } from './layout.ts'
import { row } from './row.ts'

const meaning: Readonly<Record<Outcome, string>> = {
  live: 'A record was found, and its deadlines have not passed.',
  new: 'The browser sent no cookie, so the store was not asked. Nothing is stored until something changes.',
  missing: 'A good cookie, and no record: evicted, or lost with a node.',
  expired: 'A timeout has passed.',
  ended: 'Signed out, or replaced at a sign-in.',
  invalid: 'The signature does not hold: changed, or signed with another secret.',
  unavailable: 'The store did not answer.',
}

/** The session as a handler has it. */
export function handlerCard({ outcome, id, subject, createdAt, expiresAt }: Session<Shop>): Html {
  return html`<section class="card" aria-labelledby="handler-title">
    <h3 id="handler-title">In the handler <code>await getSession(…)</code></h3>
    <dl>
      ${row('outcome', html`<span class="badge" data-outcome="${outcome}">${outcome}</span> <span class="hint">${meaning[outcome]}</span>`)}
      ${row('subject', subject ?? html`<span class="hint">nobody has signed in</span>`)}
      ${outcome === 'live' ? row('id', html`<code data-id>${id}</code> <span class="hint">public: safe to log</span>`) : ''}
      ${outcome === 'live' ? row('createdAt', instant(createdAt)) : ''}
      ${outcome === 'live' ? row('expiresAt', instant(expiresAt, 'unless it is used again')) : ''}
    </dl>
  </section>`
}
