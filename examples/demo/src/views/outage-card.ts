import { html } from 'hono/html'
import type { Html } from './layout.ts'

export function outageCard(): Html {
  return html`<section class="card" aria-labelledby="outage-title">
    <h2 id="outage-title">Lose the store</h2>
    <p>Cuts the store off for five seconds. The answer is a 503 that says so, not a sign-out; then everything is as it was.</p>
    <form method="post" action="/outage"><button id="outage">Cut the store off</button></form>
  </section>`
}
