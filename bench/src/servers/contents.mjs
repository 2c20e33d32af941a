/** What every session of the measurement holds: a customer, a cart, what they looked at; 0.7 kB of JSON. */
export function contents() {
  return {
    visits: 0,
    user: { id: 'u1', name: 'Ann Example', email: 'ann@example.com', roles: ['customer', 'reviewer'] },
    cart: Array.from({ length: 6 }, (_, index) => ({
      sku: `sku-${1000 + index}`,
      name: `Article number ${index}`,
      quantity: index + 1,
      price: 1999 + index,
    })),
    locale: 'en-GB',
    seen: Array.from({ length: 10 }, (_, index) => `page-${index}`),
    note: 'x'.repeat(60),
  }
}

/** What every answer holds. */
export function view({ visits, user }) {
  return { visits, user: user.name }
}

/** Puts the contents into a session that has none yet. */
export function fill(data) {
  return Object.assign(data, contents())
}
