import { importPeer } from '../../../peers/import-peer.ts'
import type { Subject } from '../subject.ts'

/** As its page shows it for Node's own server. */
export const ironSession: Subject = {
  name: 'iron-session',
  packages: ['iron-session'],
  setup: 'on `node:http`; the session is in the cookie, so there is no id and no store; sign-out by `destroy`',
  hasStore: false,
  async start(_, route) {
    const { getIronSession } = await importPeer('iron-session')
    const options = { password: 'only for the comparison, 32 bytes', cookieName: 'session', cookieOptions: { secure: false } }
    return {
      async listener(req, res) {
        const session = await getIronSession(req, res, options)
        const save = async (change: (data: Record<string, unknown>) => void): Promise<void> => {
          change(session)
          await session.save()
        }
        const answer = await route(req.url ?? '/', { data: session, change: save, signIn: save, signOut: () => session.destroy() })
        res.setHeader('Content-Type', 'application/json').end(JSON.stringify(answer))
      },
      close() {},
    }
  },
}
