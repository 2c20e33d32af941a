import { html } from 'hono/html'
import { catalogue, type Item } from '../shop/catalogue.ts'
import { itemsIn, type Shop } from '../shop/shop.ts'
import type { Html } from './layout.ts'

export function cartCard(shop: Shop): Html {
  const count = itemsIn(shop)
  return html`<section class="card" aria-labelledby="cart-title">
    <h2 id="cart-title">
      Your cart <span class="count" data-count="${count}">${count === 0 ? 'empty' : count === 1 ? '1 item' : `${count} items`}</span>
    </h2>
    <ul class="items">
      ${catalogue.map((item) => line(item, shop.cart[item.sku] ?? 0))}
    </ul>
  </section>`
}

function line({ sku, name, about }: Item, quantity: number): Html {
  return html`<li data-sku="${sku}">
    <div class="item">
      <strong>${name}</strong>
      <span class="hint">${about}</span>
    </div>
    <div class="stepper">
      <form method="post" action="/cart/${sku}/remove">
        <button id="remove-${sku}" aria-label="Remove one ${name}" ${quantity === 0 ? 'disabled' : ''}>−</button>
      </form>
      <span class="quantity"><span class="unseen">In the cart: </span>${quantity}</span>
      <form method="post" action="/cart/${sku}/add"><button id="add-${sku}" aria-label="Add one ${name}">+</button></form>
    </div>
  </li>`
}
