import { applyHeaders, isSessionError, type Session, type SessionManager, type SetHeaders } from '@holdfast/core'
import type { IncomingMessage, ServerResponse } from 'node:http'

/** What a page answers with. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

// #region handler
export async function answerWithSession<Data extends object>(
  sessions: SessionManager<Data>,
  req: IncomingMessage,
  res: ServerResponse,
  page: (getSession: () => Promise<Session<Data>>) => Promise<Answer>,
): Promise<void> {
  const opened = sessions.open(req.headers.cookie)
  res.once('close', () => opened.end())
  let answer = await page(() => opened.load()).catch(errorAnswer)
  let toSet: SetHeaders = []
  try {
    toSet = await opened.commit()
  } catch (error) {
    answer = errorAnswer(error)
  }
  const headers = new Headers(answer.headers)
  applyHeaders(toSet, headers)
  res.writeHead(answer.status, [...headers].flat()).end(answer.body)
}

function errorAnswer(error: unknown): Answer {
  if (isSessionError(error)) return { status: error.status, headers: error.headers, body: 'No session now. Try again.' }
  console.error(error)
  return { status: 500, body: 'Internal Server Error' }
}
// #endregion handler
