const { getSession, sessionMiddleware } = require('@holdfast/adapter-koa')
const { createSessions, minutes } = require('@holdfast/core')
const { memoryStore } = require('@holdfast/core/memory')
const Koa = require('koa')
const { text } = require('node:stream/consumers')

const sessions = createSessions({
  store: memoryStore(),
  secrets: [process.env.SESSION_SECRET],
  idleTimeout: minutes(30),
  initial: () => ({ visits: 0 }),
})

const app = new Koa().use(sessionMiddleware(sessions)).use(async (ctx) => {
  const session = await getSession(ctx)
  switch (`${ctx.method} ${ctx.path}`) {
    case 'GET /':
      session.update((data) => void (data.visits += 1))
      ctx.body = page(session.data)
      break
    case 'POST /sign-in':
      session.data.name = new URLSearchParams(await text(ctx.req)).get('name') ?? '' // Check a password here.
      session.regenerate({ subject: session.data.name })
      ctx.status = 303
      ctx.redirect('/')
      break
    case 'POST /sign-out':
      session.destroy()
      ctx.status = 303
      ctx.redirect('/')
      break
  }
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
