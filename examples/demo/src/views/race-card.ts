import { html } from 'hono/html'
import type { Html } from './layout.ts'

export function raceCard(ready: boolean): Html {
  return html`<section class="card" aria-labelledby="race-title">
    <h2 id="race-title">Race twenty requests</h2>
    <p>
      Ten requests add a rope, ten a lantern, all at once and under one cookie, as from two tabs. Hono, Koa and Nest take a share each: they
      load the session, take a while, and then change the same cart.
    </p>
    <form class="with-hint" data-race>
      <button id="race" class="primary" ${ready ? '' : 'disabled'} hidden>Start the race</button>
      <p class="hint">${ready ? '' : 'Sign in or put something in the cart first, so that there is a session to race for.'}</p>
      <noscript><p class="hint">The race is run by your browser, so it takes JavaScript. All else here works without.</p></noscript>
    </form>
    <div class="result" role="status" data-race-result></div>
  </section>`
}
