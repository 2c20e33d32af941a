const { createSessions, minutes } = require('@holdfast/core')
const { memoryStore } = require('@holdfast/core/memory')
const { getSession, sessionMiddleware } = require('@holdfast/core/node')
const express = require('express')

const sessions = createSessions({
  store: memoryStore(),
  secrets: [process.env.SESSION_SECRET],
  idleTimeout: minutes(30),
  initial: () => ({ visits: 0 }),
})

const app = express().use(sessionMiddleware(sessions), express.urlencoded())

app.get('/', async (req, res) => {
  const session = await getSession(req, sessions)
  session.update((data) => void (data.visits += 1))
  res.send(page(session.data))
})

app.post('/sign-in', async (req, res) => {
  const session = await getSession(req, sessions)
  session.data.name = String(req.body.name) // Check a password here.
  session.regenerate({ subject: session.data.name })
  res.redirect(303, '/')
})

app.post('/sign-out', async (req, res) => {
  const session = await getSession(req, sessions)
  session.destroy()
  res.redirect(303, '/')
})

const port = Number(process.env.PORT ?? 3000)
app.listen(port, () => console.log(`http://localhost:${port}`))

function page({ visits, name }) {
  const form =
    name === undefined
      ? '<form method="post" action="/sign-in"><input name="name" placeholder="Your name" required> <button>Sign in</button></form>'
      : `<form method="post" action="/sign-out">Hello, ${escape(name)}. <button>Sign out</button></form>`
  return `<!doctype html><html lang="en"><title>My shop</title><p>Visits: ${visits}</p>${form}</html>`
}

function escape(value) {
  return value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
