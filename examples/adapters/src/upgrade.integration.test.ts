import { once } from 'node:events'
import { createServer, request, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { createSessions } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import { afterAll, beforeAll, expect, test } from 'vitest'

const sessions = createSessions<{ notes: string[] }>({
  store: memoryStore(),
  secrets: ['only for the sample of an upgraded connection'],
  initial: () => ({ notes: [] }),
})

// #region upgrade
const server = createServer().on('upgrade', (req, socket) => {
  upgrade(req, socket).catch(() => socket.destroy())
})

async function upgrade(req: IncomingMessage, socket: Duplex): Promise<void> {
  const { cookie } = req.headers
  const { subject } = await sessions.open(cookie).load()
  if (subject === undefined) return void socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n')
  socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: notes\r\n\r\n')
  for await (const note of socket) socket.write(await keep(cookie, String(note)))
}

// A session for each message: the connection outlives the one that it began with.
async function keep(cookie: string | undefined, note: string): Promise<string> {
  const session = await sessions.open(cookie).load()
  if (session.subject === undefined) return 'signed out'
  session.update((data) => void data.notes.push(note))
  await session.save()
  return `note ${session.data.notes.length}`
}
// #endregion upgrade

beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening')
})
afterAll(() => server.close())

function connect(cookie?: string) {
  const { port } = server.address() as AddressInfo
  const headers = { Connection: 'Upgrade', Upgrade: 'notes', ...(cookie !== undefined && { Cookie: cookie }) }
  return request({ port, host: '127.0.0.1', headers }).end()
}

test('what a message changes is saved, until the user signs out', async () => {
  const { cookie } = await sessions.create({ notes: [] }, { subject: 'ada' })
  const [, socket] = (await once(connect(cookie), 'upgrade')) as [IncomingMessage, Duplex]
  const say = async (note: string): Promise<string> => {
    socket.write(note)
    return String((await once(socket, 'data'))[0])
  }
  expect(await say('milk')).toBe('note 1')
  expect(await say('tea')).toBe('note 2')

  const session = await sessions.open(cookie).load()
  expect(session.data.notes).toEqual(['milk', 'tea'])
  session.destroy()
  await session.save()
  expect(await say('sugar')).toBe('signed out')
  socket.destroy()
})

test('who is not signed in is not let in', async () => {
  const [response] = (await once(connect(), 'response')) as [IncomingMessage]
  expect(response.statusCode).toBe(401)
  response.resume()
})
