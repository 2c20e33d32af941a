import { sessionError } from '../../../errors.ts'
import type { SessionError } from '../../../errors.ts'

// An error of ioredis carries its command with all arguments, and an error reply may quote them: only what is taken out
// here, a code word of the server's or the system's, goes on to the caller.

/** Whether Redis itself answered with an error, with this code word if one is given. Nothing was changed then. */
export function isErrorReply(error: unknown, code?: string): error is Error {
  return error instanceof Error && error.name === 'ReplyError' && (code === undefined || codeOf(error) === code)
}

// Before Redis 7, what a command inside a script was refused with stands at the end of an ERR of the script's.
const insideScript = /^ERR Error running script .*: -([A-Z]{2,20}) /s

// What a user may not do inside a script has no code word at all.
const forbiddenInScript = "The user executing the script can't "

/** The first word of an error reply: `NOAUTH`, `READONLY`, …; `ERR` for what is no such word. */
export function codeOf(reply: Error): string {
  if (reply.message.includes(forbiddenInScript)) return 'NOPERM'
  return insideScript.exec(reply.message)?.[1] ?? /^[A-Z]{2,20}(?= |$)/.exec(reply.message)?.[0] ?? 'ERR'
}

/** Whether ioredis refused to send a command, since its connection is closing or closed: nothing can have been applied. */
export function wasNeverSent(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("Stream isn't writeable")
}

/** Replies that no waiting and no other node will change. */
export function isRefusal(reply: Error): boolean {
  return ['NOAUTH', 'WRONGPASS', 'NOPERM'].includes(codeOf(reply))
}

/** Replies to a change that are no passing trouble: reads go on, and changes will be refused until somebody acts. */
const finalForChanges: ReadonlySet<string> = new Set(['OOM', 'MISCONF', 'NOPERM'])

/** Replies of a server that cannot be asked for now, whatever the command. */
const troubles: ReadonlySet<string> = new Set(['BUSY', 'CLUSTERDOWN', 'LOADING', 'MASTERDOWN', 'NOREPLICAS', 'TRYAGAIN'])

export function isFinalForChanges(code: string | undefined): boolean {
  return code !== undefined && finalForChanges.has(code)
}

/** Whether the reply says something about the server and not about the command: reason to ask another one, or this one later. */
export function isTrouble(code: string): boolean {
  return troubles.has(code) || finalForChanges.has(code)
}

/** Why a connection could not be made or was lost, in words that hold nothing secret. */
export function connectionProblem(error: unknown): string {
  if (isErrorReply(error)) return replyProblem(codeOf(error), error)
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' && /^[A-Z_0-9]+$/.test(code) ? code : 'the connection was lost'
}

/** What the caller gets for an error reply, known by its code word; nothing was changed. */
export function replyErrorFrom(where: string, code: string, isChange: boolean, reply?: Error): SessionError {
  if (isChange && finalForChanges.has(code)) return sessionError('ERR_REFUSED', `${where} refused a change: ${replyProblem(code, reply)}`)
  return sessionError('ERR_UNAVAILABLE', `${where} refused a command: ${replyProblem(code, reply)}`)
}

/** What a code word means, for messages. */
export function replyProblem(code: string, reply?: Error): string {
  if (code === 'ERR' && reply?.message.startsWith('ERR unknown command') === true)
    return 'it does not know the command. Redis 6.2 or later is needed, with no command renamed.'
  return `${code} (${meanings[code] ?? 'see the log of Redis'})`
}

const meanings: Readonly<Record<string, string>> = {
  ASK: 'its slots are moving; this passes',
  BUSY: 'a script of another client has been running for too long',
  CLUSTERDOWN: 'the cluster is down, or has no node for this key',
  LOADING: 'it is loading its data; this passes',
  MASTERDOWN: 'it is a replica without its primary',
  MISCONF: 'it cannot write its snapshots and refuses changes; see its log',
  MOVED: 'it is a node of a cluster: give its nodes as the option cluster',
  NOAUTH: 'it wants a password: give one in url or as password',
  NOPERM: 'this user may not; the page Redis in production lists the permissions that it needs',
  NOREPLICAS: 'it has fewer replicas than min-replicas-to-write',
  OOM: 'its memory is full and maxmemory-policy keeps it from making room',
  READONLY: 'it is a replica: connect to the primary',
  TRYAGAIN: 'its slots are moving; this passes',
  WRONGPASS: 'user or password is wrong',
  WRONGTYPE: 'another program uses this key: set another prefix',
}
