import { createSessions, hours, minutes, type SessionManager, type SessionStore } from '@holdfast/core'

/** What the shop keeps for a visitor. */
export interface Shop {
  /** Who signed in. */
  name?: string
  /** How many of each item, by SKU. */
  cart: Record<string, number>
}

export function shopSessions(store: SessionStore, secret: string): SessionManager<Shop> {
  return createSessions<Shop>({
    store,
    secrets: [secret],
    idleTimeout: minutes(30),
    absoluteTimeout: hours(12),
    initial: () => ({ cart: {} }),
  })
}

export function addOne(shop: Shop, sku: string): void {
  shop.cart[sku] = (shop.cart[sku] ?? 0) + 1
}

export function removeOne(shop: Shop, sku: string): void {
  const left = (shop.cart[sku] ?? 0) - 1
  if (left > 0) shop.cart[sku] = left
  else delete shop.cart[sku]
}

export function itemsIn({ cart }: Shop): number {
  return Object.values(cart).reduce((sum, quantity) => sum + quantity, 0)
}
