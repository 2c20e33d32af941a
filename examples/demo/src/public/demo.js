// Everything works without this script, by forms and redirects. It saves the page loads, keeps the focus, runs the race, and
// shows what other tabs do.
import { race } from './race.js'
import { show } from './show.js'
import { watch } from './watch.js'

// One after the other: each page shown is the newest.
let turn = Promise.resolve()
const inTurn = (work) => (turn = turn.then(work, work))

document.addEventListener('submit', (event) => {
  event.preventDefault()
  const form = event.target
  const body = new URLSearchParams(new FormData(form))
  void inTurn(() => (form.matches('[data-race]') ? race() : send(form.action, body)).catch(() => location.assign('/')))
})

watch(inTurn)

async function send(action, body) {
  const response = await fetch(action, { method: 'POST', body })
  show(await response.text())
}
