import { show } from './show.js'

/** Twenty requests at once, as of two tabs, and then the cart that came of it. */
export async function race() {
  const before = itemsInCart()
  const dots = []
  const lanes = ['rope', 'lantern'].map((sku, tab) => lane(`Tab ${'AB'[tab]}`, sku, dots))
  result().replaceChildren(...lanes)
  document.getElementById('race').disabled = true
  const answers = await Promise.all(dots.map(add))

  const answer = await fetch('/')
  show(await answer.text())
  document.getElementById('race')?.focus()
  result()?.replaceChildren(...lanes, summary(answers, itemsInCart() - before))
}

/** One request of the race. Answers who carried it out, and how often its change ran; undefined if it was not saved. */
async function add({ dot, sku }) {
  const response = await fetch(`/race/${sku}`, { method: 'POST' }).catch(() => undefined)
  const answer = response?.ok ? await response.json() : undefined
  if (answer) dot.dataset.by = answer.by
  dot.classList.add(answer ? 'saved' : 'lost')
  dot.append(answer ? answer.by[0] : '×', answer?.runs > 1 ? element('sup', '', answer.runs) : '')
  return answer
}

function summary(answers, gained) {
  const saved = answers.filter(Boolean)
  const again = saved.reduce((sum, { runs }) => sum + runs - 1, 0)
  const shares = [...new Set(saved.map(({ by }) => by))].map((name) => `${name} ${saved.filter(({ by }) => by === name).length}`)
  const paragraph = element('p', '', '')
  paragraph.append(
    element(
      'strong',
      '',
      `${saved.length} requests saved, ${gained} items more in the cart: ${gained < saved.length ? `${saved.length - gained} lost` : 'not one lost'}.`,
    ),
    ` ${shares.join(', ')}.`,
    again > 0 ? ` ${again} times a change met a newer cart, and ran again on that one: a small number says how often.` : '',
  )
  return paragraph
}

function lane(name, sku, dots) {
  const row = element('div', 'lane', '')
  row.ariaHidden = 'true'
  row.append(element('span', 'hint', name))
  for (let count = 0; count < 10; count++) {
    const dot = element('span', 'dot', '')
    row.append(dot)
    dots.push({ dot, sku })
  }
  return row
}

function element(tag, className, content) {
  const made = document.createElement(tag)
  made.className = className
  made.textContent = content
  return made
}

const result = () => document.querySelector('[data-race-result]')
const itemsInCart = () => Number(document.querySelector('[data-count]')?.dataset.count ?? 0)
