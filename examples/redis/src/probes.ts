import { createServer, type Server } from 'node:http'
import type { SessionManager } from '@holdfast/core'

/** Probes for an orchestrator. */
export function probes(sessions: SessionManager<never>): Server {
  // #region probes
  return createServer((req, res) => {
    const answer = (status: number, body: object): void => {
      res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    // Asks nothing: how the store has been answering lately, and since when.
    if (req.url !== '/ready') return answer(200, sessions.health())
    // Asks the store, until it answers or the probe's time is over.
    sessions.ready({ signal: AbortSignal.timeout(1_000) }).then(
      () => answer(200, { ready: true }),
      () => answer(503, { ready: false }),
    )
  })
  // #endregion probes
}
