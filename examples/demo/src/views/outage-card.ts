import { html } from 'hono/html'
import type { Html } from './layout.ts'

export function outageCard(ready: boolean): Html {
  return html`<section class="card" aria-labelledby="outage-title">
    <h2 id="outage-title">Lose the store</h2>
    <p>
      Cuts the store of all three servers off for five seconds. The answer is a 503 that says so, not a sign-out; then everything is as it
      was.
    </p>
    <form method="post" action="/outage" class="with-hint">
      <button id="outage" ${ready ? '' : 'disabled'}>Cut the store off</button>
      <p class="hint">${ready ? '' : 'You have no session yet, so you would not notice: your requests ask no store.'}</p>
    </form>
  </section>`
}
