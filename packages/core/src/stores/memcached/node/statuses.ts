import { sessionError, type SessionError } from '../../../errors.ts'

/** Statuses of replies, as `protocol_binary.h` of memcached has them. */
export const statuses = { ok: 0x00, notFound: 0x01, exists: 0x02, tooLarge: 0x03, notStored: 0x05, outOfMemory: 0x82 } as const

const meanings: Readonly<Record<number, string>> = {
  0x20: 'it wants a user and a password: give username and password',
  0x21: 'it asks for another way to sign in than PLAIN',
  0x81: 'it does not know the command: the binary protocol of memcached 1.4 or later is needed',
  0x84: 'an internal error; see its log',
  0x85: 'it is busy; this passes',
  0x86: 'a temporary failure; this passes',
}

/** What the caller gets for a reply that is none of those that were asked for; nothing was changed. */
export function refusalFrom(where: string, status: number): SessionError {
  if (status === statuses.outOfMemory)
    return sessionError('ERR_REFUSED', `${where} refused a change: its memory is full, and it was told to evict nothing (-M).`)
  const code = `0x${status.toString(16).padStart(2, '0')}`
  return sessionError('ERR_UNAVAILABLE', `${where} refused a command: status ${code} (${meanings[status] ?? 'see its log'}).`)
}
