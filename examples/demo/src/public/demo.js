// Everything works without this script, by forms and redirects. It saves the page loads, keeps the focus, and runs the race.

let turn = Promise.resolve()
ready()

document.addEventListener('submit', (event) => {
  event.preventDefault()
  const form = event.target
  const body = new URLSearchParams(new FormData(form))
  // One after the other: each page shown is the newest.
  turn = turn.then(() => (form.matches('[data-race]') ? race() : send(form.action, body))).catch(() => location.assign('/'))
})

async function send(action, body) {
  const response = await fetch(action, { method: 'POST', body })
  show(await response.text())
}

/** Puts another page in the place of this one, and leaves the focus where it was. */
function show(page) {
  const focused = document.activeElement?.id
  const next = new DOMParser().parseFromString(page, 'text/html')
  document.title = next.title
  document.body.replaceChildren(...next.body.childNodes)
  ready()
  const target = document.getElementById(focused)
  if (target && !target.disabled) target.focus()
  else if (focused) document.getElementById('main').focus()
}

function ready() {
  for (const button of document.querySelectorAll('[data-race] button')) button.hidden = false
  if (document.querySelector('[data-retry]')) setTimeout(retry, 1000)
}

async function retry() {
  const response = await fetch('/').catch(() => undefined)
  if (response?.ok) show(await response.text())
  else setTimeout(retry, 1000)
}

async function race() {
  const before = itemsInCart()
  const dots = []
  const lanes = ['rope', 'lantern'].map((sku, tab) => lane(`Tab ${'AB'[tab]}`, sku, dots))
  result().replaceChildren(...lanes)
  document.getElementById('race').disabled = true
  const runs = await Promise.all(dots.map(add))

  const answer = await fetch('/')
  show(await answer.text())
  document.getElementById('race')?.focus()
  const saved = runs.filter((count) => count > 0).length
  const again = runs.reduce((sum, count) => sum + Math.max(count - 1, 0), 0)
  const gained = itemsInCart() - before
  result()?.replaceChildren(
    ...lanes,
    text(
      `${saved} requests saved, ${gained} items more in the cart: ${gained < saved ? `${saved - gained} lost` : 'not one lost'}.`,
      again,
    ),
  )
}

/** One request of the race. Answers how often its change ran; 0 if it was not saved. */
async function add({ dot, sku }) {
  const response = await fetch(`/race/${sku}`, { method: 'POST' }).catch(() => undefined)
  const { runs } = response?.ok ? await response.json() : { runs: 0 }
  dot.classList.add(runs > 0 ? 'saved' : 'lost')
  dot.textContent = runs > 0 ? runs : '×'
  return runs
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

function text(summary, again) {
  const paragraph = element('p', '', '')
  const detail =
    again > 0 ? ` ${again} times a change met a newer cart, and ran again on that one: the numbers say how often each ran.` : ''
  paragraph.append(element('strong', '', summary), detail)
  return paragraph
}

function element(tag, className, content) {
  const made = document.createElement(tag)
  made.className = className
  made.textContent = content
  return made
}

const result = () => document.querySelector('[data-race-result]')
const itemsInCart = () => Number(document.querySelector('[data-count]')?.dataset.count ?? 0)
