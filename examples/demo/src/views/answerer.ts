import { html } from 'hono/html'
import { serverNames, type ServerName } from '../servers/server-name.ts'
import type { Html } from './layout.ts'

/** Who answers a request. */
export interface Answerer {
  readonly by: ServerName
  /** Where it keeps sessions, in words. */
  readonly place: string
}

/** The three servers, and which of them made this page. */
export function answererStrip({ by }: Answerer): Html {
  return html`<div class="answerer">
    <p>
      Answered by <strong data-answered-by="${by}">${by}</strong>, process <span data-pid>${process.pid}</span>. The next request goes to
      the next server, and finds the same session.
    </p>
    <ol class="servers" aria-hidden="true">
      ${serverNames.map((name) => html`<li class="server ${name === by ? 'answered' : ''}" data-by="${name}">${name}</li>`)}
    </ol>
  </div>`
}

export function placeLine({ place }: Answerer): Html {
  return html`Sessions live in <strong>${place}</strong>.`
}
