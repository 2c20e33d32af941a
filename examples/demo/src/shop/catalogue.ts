/** What the shop sells. */
export interface Item {
  readonly sku: string
  readonly name: string
  readonly about: string
}

export const catalogue: readonly Item[] = [
  { sku: 'rope', name: 'Kelp rope', about: 'Ten metres. Gives, and does not break.' },
  { sku: 'cleat', name: 'Brass cleat', about: 'Two horns and a promise.' },
  { sku: 'lantern', name: 'Storm lantern', about: 'Burns through a change of primary.' },
  { sku: 'anchor', name: 'Folding anchor', about: 'For when everything else drifts.' },
]

export function isSold(sku: string): boolean {
  return catalogue.some((item) => item.sku === sku)
}
