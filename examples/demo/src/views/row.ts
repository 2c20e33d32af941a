import { html } from 'hono/html'
import type { Html } from './layout.ts'

/** A line of a `dl`. */
export function row(term: string, value: Html | string): Html {
  return html`<div>
    <dt>${term}</dt>
    <dd>${value}</dd>
  </div>`
}
