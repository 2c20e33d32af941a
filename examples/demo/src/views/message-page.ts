import { html } from 'hono/html'
import { layout } from './layout.ts'

export function messagePage(heading: string, text: string): string {
  const main = html`<div class="message">
    <h1>${heading}</h1>
    <p>${text}</p>
    <p><a href="/">Back to the shop</a></p>
  </div>`
  return layout({ title: `${heading} · Holdfast demo`, main })
}
