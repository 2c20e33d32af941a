import type { Session } from '@holdfast/core'
import { html } from 'hono/html'
import type { CookieParts } from '../behind/cookie-parts.ts'
import type { RecordParts } from '../behind/record-parts.ts'
import type { Shop } from '../shop/shop.ts'
import { answererStrip, placeLine, type Answerer } from './answerer.ts'
import { cartCard } from './cart-card.ts'
import { cookieCard } from './cookie-card.ts'
import { handlerCard } from './handler-card.ts'
import { layout } from './layout.ts'
import { outageCard } from './outage-card.ts'
import { raceCard } from './race-card.ts'
import { recordCard } from './record-card.ts'
import { signInCard, signOutForm } from './sign-in.ts'
import { versionsCard } from './versions-card.ts'

/** What there is to show of one request. */
export interface HomeView {
  readonly session: Session<Shop>
  /** As the request brought it. */
  readonly cookie: CookieParts | undefined
  /** As the store holds it. */
  readonly record: RecordParts | undefined
  readonly answerer: Answerer
  /** The form was sent without a name that will do. */
  readonly nameRefused: boolean
}

export function homePage(view: HomeView): string {
  const { session, record, answerer, nameRefused } = view
  const { outcome, data } = session
  const { name } = data
  const main = html`
    <div class="intro">
      <h1>${name === undefined ? 'A shop that never forgets a guest' : `Welcome aboard, ${name}`}</h1>
      <p>Three frameworks, one session. Sign in, fill the cart, open a second tab, and watch what Holdfast keeps, where, and why.</p>
      ${answererStrip(answerer)}
    </div>
    <div class="columns" data-live data-outcome="${outcome}" data-name="${name ?? ''}" data-version="${record?.version ?? ''}">
      <div class="column">
        ${name === undefined ? signInCard(nameRefused) : ''} ${cartCard(data)} ${raceCard(outcome === 'live')} ${versionsCard(record)}
        ${outageCard(outcome === 'live')}
      </div>
      <section class="column" aria-labelledby="behind">
        <h2 id="behind" class="eyebrow">Behind this page</h2>
        ${handlerCard(session)} ${cookieCard(view)} ${recordCard(record, answerer.place)}
      </section>
    </div>
  `
  return layout({ title: 'Holdfast demo', main, corner: name === undefined ? undefined : signOutForm(name), footer: placeLine(answerer) })
}
