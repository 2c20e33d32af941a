import { createServer } from 'node:http'
import { attachSession, getSession } from '@holdfast/core/node'
import { contents, fill, view } from './contents.mjs'
import { floor } from './floor.mjs'
import { holdfast } from './holdfast.mjs'

export function serve(variant, redisUrl) {
  if (variant === 'bare') return createServer((req, res) => send(res, fixed))
  const answer = variant === 'floor' ? onFloor(floor(redisUrl)) : onHoldfast(holdfast(variant, redisUrl))
  return createServer((req, res) => answer(req, res).catch(({ status = 500 }) => fail(res, status)))
}

const fixed = contents()

function onFloor({ read, change, fill: create }) {
  return async (req, res) => {
    if (req.url === '/none') return send(res, fixed)
    if (req.url === '/read') return send(res, await read(req.headers.cookie))
    if (req.url === '/change') return send(res, await change(req.headers.cookie))
    res.setHeader('Set-Cookie', await create())
    return send(res, fixed)
  }
}

function onHoldfast(sessions) {
  return async (req, res) => {
    attachSession(sessions, req, res)
    if (req.url === '/none') return send(res, fixed)
    const session = await getSession(req, sessions)
    if (req.url === '/change') session.data.visits += 1
    else if (req.url === '/fill') fill(session.data)
    return send(res, session.data)
  }
}

// As a framework does it: the load generator counts it, and the slice is measured again.
function fail(res, status) {
  res.statusCode = status
  res.end()
}

function send(res, data) {
  res.setHeader('Content-Type', 'application/json')
  res.end(JSON.stringify(view(data)))
}
