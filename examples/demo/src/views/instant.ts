import { html } from 'hono/html'
import type { Html } from './layout.ts'

/** A point in time: UTC, how far it is from now, and a remark on it. */
export function instant(at: number, remark?: string): Html {
  const iso = new Date(at).toISOString()
  return html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC</time>
    <span class="hint">${fromNow(at)}${remark && `, ${remark}`}</span>`
}

const words = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

function fromNow(at: number): string {
  const minutes = Math.round((at - Date.now()) / 60_000)
  if (minutes === 0) return 'just now'
  return Math.abs(minutes) < 90 ? words.format(minutes, 'minute') : words.format(Math.round(minutes / 60), 'hour')
}
