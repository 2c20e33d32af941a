import { createSessions, minutes, type Session } from '@holdfast/core'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Pool } from 'pg'
import { answerWithSession, type Answer } from './answer-with-session.ts'
import { createTable, postgresStore } from './postgres-store.ts'

interface Data {
  visits: number
}

// #region sessions
const pool = new Pool({
  connectionString: process.env.DATABASE_URL,
  max: 10,
  connectionTimeoutMillis: 1_000,
  statement_timeout: 1_000,
})
await pool.query(createTable)

const store = postgresStore({ pool })
const sessions = createSessions<Data>({ store, secrets: [process.env.SESSION_SECRET], initial: () => ({ visits: 0 }) })
setInterval(() => void store.sweep().catch(console.error), minutes(5)).unref()
// #endregion sessions

// #region pages
const server = createServer(
  (req, res) => void answerWithSession(sessions, req, res, (getSession) => page(`${req.method} ${req.url}`, getSession)),
)

async function page(route: string, getSession: () => Promise<Session<Data>>): Promise<Answer> {
  if (route === 'GET /health') return { status: 200, body: sessions.health().status }
  const session = await getSession()
  switch (route) {
    case 'GET /':
      session.update((data) => void (data.visits += 1))
      return { status: 200, body: `${session.subject ?? 'somebody'}: ${session.data.visits}` }
    case 'POST /sign-in':
      session.regenerate({ subject: 'ada' }) // Check a password here.
      return { status: 303, headers: { location: '/' } }
    case 'POST /sign-out':
      session.destroy()
      return { status: 303, headers: { location: '/' } }
    default:
      return { status: 404 }
  }
}
// #endregion pages

server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1')
await once(server, 'listening')
console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }))

// #region close
process.once('SIGTERM', () => void close())

async function close(): Promise<void> {
  server.close()
  server.closeIdleConnections()
  await sessions.close()
  await pool.end()
}
// #endregion close
