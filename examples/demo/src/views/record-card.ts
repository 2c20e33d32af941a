import { html } from 'hono/html'
import type { RecordParts } from '../behind/record-parts.ts'
import type { Shop } from '../shop/shop.ts'
import { instant } from './instant.ts'
import type { Html } from './layout.ts'
import { row } from './row.ts'

/** The record as the store has it. */
export function recordCard(record: RecordParts | undefined, place: string): Html {
  return html`<section class="card" aria-labelledby="record-title">
    <h3 id="record-title">In the store <code>${place}</code></h3>
    ${
      record === undefined
        ? html`<p class="hint">No record.</p>`
        : html`<dl>
            ${row('key', 'the id above')} ${row('version', html`<code>${record.version}</code>`)}
            ${row('kept until', instant(record.expiresAt))} ${row('size', `${record.bytes} bytes`)}
            ${row('data', html`<pre id="data" tabindex="0" aria-label="The record's data">${shown(record.data)}</pre>`)}
          </dl>`
    }
  </section>`
}

/** JSON, with each step of the trail on one line. */
function shown({ trail, ...rest }: Shop): string {
  const steps = trail.map((step) => `    ${JSON.stringify(step)}`).join(',\n')
  return `${JSON.stringify(rest, null, 2).slice(0, -2)},\n  "trail": [\n${steps}\n  ]\n}`
}
