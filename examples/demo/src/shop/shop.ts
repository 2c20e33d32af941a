import type { ServerName } from '../servers/server-name.ts'

/** What the shop keeps for a visitor: the data of its session. */
export interface Shop {
  /** Who signed in. */
  name?: string
  /** How many of each item, by SKU. */
  cart: Record<string, number>
  /** The last changes, oldest first. Each write of the session adds one, so that the page can tell who wrote which version. */
  trail: Step[]
}

export interface Step {
  readonly by: ServerName
  readonly did: string
}

const longestTrail = 16

export function addOne(shop: Shop, sku: string, by: ServerName): void {
  shop.cart[sku] = (shop.cart[sku] ?? 0) + 1
  leave(shop, { by, did: `+1 ${sku}` })
}

export function removeOne(shop: Shop, sku: string, by: ServerName): void {
  const left = (shop.cart[sku] ?? 0) - 1
  if (left > 0) shop.cart[sku] = left
  else delete shop.cart[sku]
  leave(shop, { by, did: `−1 ${sku}` })
}

export function welcome(shop: Shop, name: string, by: ServerName): void {
  shop.name = name
  leave(shop, { by, did: 'signed in' })
}

export function itemsIn({ cart }: Shop): number {
  return Object.values(cart).reduce((sum, quantity) => sum + quantity, 0)
}

function leave(shop: Shop, step: Step): void {
  shop.trail = [...shop.trail, step].slice(-longestTrail)
}
