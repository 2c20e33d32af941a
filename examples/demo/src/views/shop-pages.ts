import { isSessionError, type Outcome, type Session, type SessionStore } from '@holdfast/core'
import { cookieParts } from '../behind/cookie-parts.ts'
import { recordParts, type RecordParts } from '../behind/record-parts.ts'
import type { Shop } from '../shop/shop.ts'
import type { Answerer } from './answerer.ts'
import { homePage } from './home-page.ts'
import { messagePage } from './message-page.ts'
import { outagePage } from './outage-page.ts'

/** What a server answers, whatever its framework. */
export interface ShopPages {
  home(session: Session<Shop>, cookieHeader: string | undefined, form?: { readonly nameRefused: boolean }): Promise<string>
  versions(session: Session<Shop>): Promise<Versions>
  error(error: unknown): ErrorPage
}

/** What an open page asks for each second, to know whether it is still what is. */
export interface Versions {
  readonly outcome: Outcome
  /** Whoever is signed in. */
  readonly name: string | undefined
  /** The record's. */
  readonly version: string | undefined
}

export interface ErrorPage {
  readonly status: number
  readonly headers: Record<string, string>
  readonly page: string
}

export function shopPages({ store, ...answerer }: Answerer & { readonly store: SessionStore }): ShopPages {
  // Only to show it: an application has no reason to look at its records.
  async function recordOf({ outcome, id }: Session<Shop>): Promise<RecordParts | undefined> {
    if (outcome !== 'live') return undefined
    const record = await store.get(id, { signal: AbortSignal.timeout(200) }).catch(() => null)
    return record === null || record.value.byteLength === 0 ? undefined : recordParts(record)
  }

  return {
    async home(session, cookieHeader, { nameRefused } = { nameRefused: false }) {
      return homePage({ session, cookie: cookieParts(cookieHeader), record: await recordOf(session), answerer, nameRefused })
    },
    async versions(session) {
      const record = await recordOf(session)
      return { outcome: session.outcome, name: session.data.name, version: record?.version }
    },
    error(error) {
      const html = { 'Content-Type': 'text/html; charset=utf-8' }
      if (isSessionError(error) && error.status === 503)
        return { status: 503, headers: { ...html, ...error.headers, 'Cache-Control': 'no-store' }, page: outagePage(answerer) }
      // As the errors of all three frameworks do.
      const { status } = error as { status?: unknown }
      if (status === 404)
        return { status, headers: html, page: messagePage('There is nothing here', 'No page of the demo has this address.') }
      console.error(error)
      return { status: 500, headers: html, page: messagePage('Something went wrong', 'The terminal says what.') }
    },
  }
}
