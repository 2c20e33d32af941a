import { show } from './show.js'

const every = 1000
const signedOut = 'You were signed out in another tab.'
const reasons = {
  ended: 'You were signed out elsewhere: this session has been ended.',
  expired: 'You were signed out: the session was not used for too long.',
  missing: 'You were signed out: the store no longer has this session.',
}

/** While the page is in view, asks each second whether it still shows what is, and whether an outage is over. */
export function watch(inTurn) {
  const look = async () => {
    if (document.visibilityState === 'visible') await inTurn(lookOnce).catch(() => {})
    setTimeout(look, every)
  }
  setTimeout(look, every)
}

async function lookOnce() {
  if (document.querySelector('[data-retry]')) return showHome()
  const shown = document.querySelector('[data-live]')?.dataset
  if (!shown) return
  const response = await fetch('/versions')
  if (!response.ok) return
  const { outcome, name = '', version = '' } = await response.json()
  if (name === shown.name && version === shown.version) return
  await showHome(newsOf(shown.name, name, outcome))
}

function newsOf(before, now, outcome) {
  if (now === before) return ''
  return now === '' ? (reasons[outcome] ?? signedOut) : `You are ${now} now: that was another tab.`
}

async function showHome(news) {
  const response = await fetch('/')
  if (response.ok) show(await response.text(), { news })
}
