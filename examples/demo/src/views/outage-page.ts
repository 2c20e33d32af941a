import { html } from 'hono/html'
import { layout } from './layout.ts'
import { placeLine, type Answerer } from './answerer.ts'

/** Asked again by the script, until the store is back. */
export function outagePage(answerer: Answerer): string {
  const main = html`<div class="message" data-retry>
    <p class="status-code">503</p>
    <h1>The session store does not answer</h1>
    <p>
      This page needs a session, and ${answerer.place} is silent. Holdfast will not guess: you have <strong>not</strong> been signed out,
      your cookie was left alone, and a change that was not saved is never answered as if it were.
    </p>
    <p>Pages that ask for no session go on as ever. This one works again as soon as the store does.</p>
    <p><a class="button" href="/">Try again</a></p>
  </div>`
  return layout({ title: 'Store unavailable · Holdfast demo', main, footer: placeLine(answerer) })
}
