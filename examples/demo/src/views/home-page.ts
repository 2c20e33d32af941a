import type { Session, StoredRecord } from '@holdfast/core'
import { html } from 'hono/html'
import type { CookieParts } from '../cookie-parts.ts'
import type { Shop } from '../shop-sessions.ts'
import { cartCard } from './cart-card.ts'
import { layout, type Html } from './layout.ts'
import { outageCard } from './outage-card.ts'
import { raceCard } from './race-card.ts'
import { sessionCards } from './session-cards.ts'
import { signInCard, signOutForm } from './sign-in.ts'

/** What there is to show of one request. */
export interface HomeView {
  readonly session: Session<Shop>
  /** As the request brought it. */
  readonly cookie: CookieParts | undefined
  /** As the store holds it. */
  readonly record: StoredRecord | null
  readonly place: string
  readonly nameError?: string | undefined
}

export function homePage(view: HomeView): Html {
  const { session, place, nameError } = view
  const { name } = session.data
  const main = html`
    <div class="intro">
      <h1>${name === undefined ? 'A shop that never forgets a guest' : `Welcome aboard, ${name}`}</h1>
      <p>Sign in, fill the cart, open a second tab, and watch what Holdfast keeps, where, and why.</p>
    </div>
    <div class="columns">
      <div class="column">
        ${name === undefined ? signInCard(nameError) : ''} ${cartCard(session.data)} ${raceCard(session.outcome === 'live')} ${outageCard()}
      </div>
      <section class="column" aria-labelledby="behind">
        <h2 id="behind" class="eyebrow">Behind this page</h2>
        ${sessionCards(view)}
      </section>
    </div>
  `
  return layout({ title: 'Holdfast demo', place, main, corner: name === undefined ? undefined : signOutForm(name) })
}
