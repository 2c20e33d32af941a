import { html } from 'hono/html'
import type { RecordParts, Write } from '../behind/record-parts.ts'
import type { Html } from './layout.ts'

/** The last versions of the record, and which server wrote each. */
export function versionsCard(record: RecordParts | undefined): Html {
  return html`<section class="card" aria-labelledby="versions-title">
    <h2 id="versions-title">Versions <span class="count">${record === undefined ? '' : 'as they rise'}</span></h2>
    ${
      record === undefined
        ? html`<p class="hint">Each write of your session will be a line here: its version, and the server that wrote it.</p>`
        : html`<ol id="versions" class="versions" tabindex="0" aria-label="The last versions, newest first">
              ${record.writes.map(line)}
            </ol>
            <p class="hint">
              A counter, and a random stamp that tells this write from any other. A write is stored only on top of the version that it has
              seen.
            </p>`
    }
  </section>`
}

function line({ counter, stamp, by, did }: Write): Html {
  return html`<li data-counter="${counter ?? ''}">
    <code class="version">${counter ?? '–'}<span>.${stamp}…</span></code>
    <span class="tag" data-by="${by}">${by}</span>
    <span class="did">${did}${counter === undefined ? ', under the token before' : ''}</span>
  </li>`
}
