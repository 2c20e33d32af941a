import { createServer } from 'node:http'
import { getIronSession } from 'iron-session'
import { contents, fill, view } from '../src/servers/contents.mjs'

const fixed = contents()
const options = { password: 'a secret for measurements, of 32 bytes or more', cookieName: 'session', cookieOptions: { secure: false } }

/** The whole session is sealed in the cookie. */
export function serve() {
  return createServer(async (req, res) => {
    if (req.url === '/none') return send(res, fixed)
    const session = await getIronSession(req, res, options)
    if (req.url === '/change') {
      session.visits += 1
      await session.save()
    } else if (req.url === '/fill') {
      fill(session)
      await session.save()
    }
    return send(res, session)
  })
}

function send(res, data) {
  res.setHeader('Content-Type', 'application/json')
  res.end(JSON.stringify(view(data)))
}
