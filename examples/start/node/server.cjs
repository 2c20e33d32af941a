const { createSessions, isSessionError, minutes } = require('@holdfast/core')
const { memoryStore } = require('@holdfast/core/memory')
const { attachSession, getSession } = require('@holdfast/core/node')
const { createServer } = require('node:http')
const { text } = require('node:stream/consumers')

const sessions = createSessions({
  store: memoryStore(),
  secrets: [process.env.SESSION_SECRET],
  idleTimeout: minutes(30),
  initial: () => ({ visits: 0 }),
})

const server = createServer((req, res) => {
  attachSession(sessions, req, res)
  answer(req, res).catch((error) => {
    // A store that does not answer is 503 with Retry-After.
    if (isSessionError(error)) res.writeHead(error.status, error.headers).end()
    else res.writeHead(500).end()
  })
})

async function answer(req, res) {
  const session = await getSession(req, sessions)
  switch (`${req.method} ${req.url}`) {
    case 'GET /':
      session.update((data) => void (data.visits += 1))
      res.setHeader('content-type', 'text/html; charset=utf-8').end(page(session.data))
      break
    case 'POST /sign-in':
      session.data.name = new URLSearchParams(await text(req)).get('name') ?? '' // Check a password here.
      session.regenerate({ subject: session.data.name })
      res.writeHead(303, { location: '/' }).end()
      break
    case 'POST /sign-out':
      session.destroy()
      res.writeHead(303, { location: '/' }).end()
      break
    default:
      res.writeHead(404).end()
  }
}

const port = Number(process.env.PORT ?? 3000)
server.listen(port, () => console.log(`http://localhost:${port}`))

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
