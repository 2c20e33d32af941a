// The process of one server: started by the front door, and ended with it.
import { redisStore } from '@holdfast/core/redis'
import type { ServerName } from '../servers/server-name.ts'
import { startServer } from '../servers/start-server.ts'
import { readSettings } from '../settings.ts'
import { breakableStore } from '../shop/breakable-store.ts'
import type { Order, Report } from './messages.ts'
import { placeOf } from './place-of.ts'

// The front door may be gone before this program is loaded.
if (!process.connected) process.exit()
// Ctrl-C reaches every process of the terminal; the front door is to end first, and then this channel closes.
process.on('SIGINT', () => {})

const name = process.argv[2] as ServerName
const { redisUrl = '', secret } = readSettings(process.env)
const store = breakableStore(redisStore({ url: redisUrl }))
const starting = startServer(name, { store, secret, place: placeOf(redisUrl) })

process.on('message', ({ loseStore }: Order) => {
  store.breakFor(loseStore)
  report({ kind: 'store lost' })
})
process.once('disconnect', end).once('SIGTERM', end)

const server = await starting
report({ kind: 'listening', origin: server.origin })
server.sessions.ready().catch(() => report({ kind: 'store silent' }))

function report(message: Report): void {
  if (process.connected) process.send?.(message, () => {})
}

function end(): void {
  void starting.then((started) => started.close()).finally(() => process.exit())
}
