import { html } from 'hono/html'
import { layout } from './layout.ts'

/** The front door's own: the server whose turn it was is gone, or all are. Asked again by the script. */
export function gonePage(server = 'Every server'): string {
  const main = html`<div class="message" data-retry>
    <p class="status-code">503</p>
    <h1>${server} is gone</h1>
    <p>Your session does not live in a server's process, so nothing of it went along: whoever answers next has all of it.</p>
    <p><a class="button" href="/">Try again</a></p>
  </div>`
  return layout({ title: 'Server gone · Holdfast demo', main })
}
