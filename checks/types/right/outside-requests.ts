// Jobs, tests, WebSockets, and frameworks without an adapter.
import { applyHeaders, isSessionError, type OpenSession, type Session, type SessionErrorCode } from '@holdfast/core'
import { sessions, type Data } from './sessions.ts'

const { session, cookie } = await sessions.create({ cart: [] }, { subject: 'u1' })
export const created: Session<Data> = session
export const header: string = cookie

/** An adapter for anything that speaks Fetch. */
export function withSession(handle: (request: Request, opened: OpenSession<Data>) => Promise<Response>) {
  return async (request: Request): Promise<Response> => {
    const opened = sessions.open(request.headers.get('cookie'), { secure: request.url.startsWith('https:') })
    const response = await handle(request, opened)
    applyHeaders(await opened.commit(), response.headers)
    return response
  }
}

export async function saved(): Promise<SessionErrorCode | undefined> {
  try {
    await session.save({ durability: { replicas: 1, withinTimeout: 500 } })
    await session.save()
    return undefined
  } catch (error) {
    if (isSessionError(error)) return error.code
    throw error
  }
}
