const { serve } = require('@hono/node-server')
const { getSession, sessionMiddleware } = require('@holdfast/adapter-hono')
const { createSessions, minutes } = require('@holdfast/core')
const { memoryStore } = require('@holdfast/core/memory')
const { Hono } = require('hono')

const sessions = createSessions({
  store: memoryStore(),
  secrets: [process.env.SESSION_SECRET],
  idleTimeout: minutes(30),
  initial: () => ({ visits: 0 }),
})

const app = new Hono().use(sessionMiddleware(sessions))

app.get('/', async (c) => {
  const session = await getSession(c)
  session.update((data) => void (data.visits += 1))
  return c.html(page(session.data))
})

app.post('/sign-in', async (c) => {
  const session = await getSession(c)
  session.data.name = new URLSearchParams(await c.req.text()).get('name') ?? '' // Check a password here.
  session.regenerate({ subject: session.data.name })
  return c.redirect('/', 303)
})

app.post('/sign-out', async (c) => {
  const session = await getSession(c)
  session.destroy()
  return c.redirect('/', 303)
})

const port = Number(process.env.PORT ?? 3000)
serve({ fetch: app.fetch, port }, () => console.log(`http://localhost:${port}`))

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
