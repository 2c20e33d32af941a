const enhance = () => {
  for (const button of document.querySelectorAll('[data-race] button')) button.hidden = false
}
enhance()

/** Puts another page in the place of this one, and leaves the focus, and what was typed, where it was. */
export function show(page, { news = '' } = {}) {
  const focused = document.activeElement?.id
  const newest = newestVersion()
  const next = new DOMParser().parseFromString(page, 'text/html')
  for (const { id, value } of document.querySelectorAll('input')) next.getElementById(id)?.setAttribute('value', value)
  const result = document.querySelector('[data-race-result]')
  if (result && next.querySelector('#race:enabled')) next.querySelector('[data-race-result]').replaceWith(result)
  document.title = next.title
  for (const part of ['header', 'main', 'footer']) document.querySelector(part).replaceChildren(...next.querySelector(part).childNodes)
  document.getElementById('news').textContent = news
  for (const line of document.querySelectorAll('[data-counter]')) line.classList.toggle('fresh', Number(line.dataset.counter) > newest)
  enhance()

  const target = document.getElementById(focused)
  if (target && !target.disabled) target.focus({ preventScroll: true })
  else if (focused) document.getElementById('main').focus({ preventScroll: true })
}

const newestVersion = () => Number(document.querySelector('[data-counter]')?.dataset.counter ?? 0)
