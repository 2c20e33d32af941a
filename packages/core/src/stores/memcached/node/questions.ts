import { Buffer } from 'node:buffer'
import type { SignIn } from './user-from.ts'

/** Opcodes of the binary protocol, as `protocol_binary.h` of memcached has them. */
export const opcodes = { add: 0x02, replace: 0x03, delete: 0x04, quit: 0x07, noop: 0x0a, getk: 0x0c, stat: 0x10, auth: 0x21 } as const

/** What a server is asked. */
export interface Question {
  readonly opcode: number
  readonly key: string
  readonly extras: Buffer
  readonly value: Buffer
  /** The item is changed only if it is this one still. */
  readonly cas?: Buffer | undefined
  /** Whether many replies follow, until an empty one. */
  readonly hasMany?: boolean
}

const nothing = Buffer.alloc(0)

export function bareQuestion(opcode: number, key = ''): Question {
  return { opcode, key, extras: nothing, value: nothing }
}

/**
 * Puts an item there: in place of the one with this CAS, or where there is none. Never by a `set`: one that is too large, or for which
 * memcached has no memory, removes what was there.
 */
export function storing(key: string, value: Buffer, seconds: number, cas: Buffer | undefined): Question {
  // Flags, which are not used, and the expiry.
  const extras = Buffer.alloc(8)
  extras.writeUInt32BE(seconds, 4)
  return { opcode: cas === undefined ? opcodes.add : opcodes.replace, key, extras, value, cas }
}

/** Says who we are (SASL, PLAIN: RFC 4616). */
export function signingIn({ name, password }: SignIn): Question {
  return { opcode: opcodes.auth, key: 'PLAIN', extras: nothing, value: Buffer.from(`\0${name}\0${password}`) }
}
