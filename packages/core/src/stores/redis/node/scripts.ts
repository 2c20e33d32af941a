import { isAscii, type Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { asBuffer } from '../../../record/as-buffer.ts'
import { packDeadline, packed, packRecord } from '../../../record/pack.ts'
import type { StoredRecord } from '../../../record/store.ts'
import type { Announcement } from '../announcements/announcement.ts'
import { isErrorReply } from './redis-errors.ts'
import type { RedisClient } from './redis-client.ts'

// Both work on the layout of record/pack.ts, and read its head only: format, deadline, checksum, version, newline.
const readHead = `
local head = redis.call('GETRANGE', KEYS[1], 0, ${packed.longestHead - 1})
local deadline, found = string.match(head, '^1 (%d+) %x+ ([^\\n]+)\\n')
`

/**
 * ARGV: the packed record, its deadline, its version, the expected version ('' for none), the time now, as packed; '1' where
 * replicas are waited for next: WAIT counts what its connection has written, so that also what is stored already is written, the deadline
 * that is there; and, where it is to be announced, the channel and the name of the key there. Answers 1 when stored, 2 when stored and not
 * let announce, else what is there, or nil. What is no record is given back as it is, and never overwritten.
 */
const putScript = script(`${readHead}
if head ~= '' and not found then return redis.call('GET', KEYS[1]) end
if not found or deadline <= ARGV[5] then found = '' end
if found == ARGV[3] then
  if ARGV[6] == '1' then redis.call('PEXPIREAT', KEYS[1], string.match(deadline, '^0*(%d+)')) end
  return 1
end
if found == ARGV[4] then
  redis.call('SET', KEYS[1], ARGV[1], 'PXAT', ARGV[2])
  if ARGV[7] and type(redis.pcall('PUBLISH', ARGV[7], ARGV[8] .. ' ' .. ARGV[3])) == 'table' then return 2 end
  return 1
end
return found ~= '' and redis.call('GET', KEYS[1])
`)

/** ARGV: the deadline, the same as packed, the time now, as packed. An ended record ends with the newline of its head. */
const touchScript = script(`${readHead}
if not found or deadline <= ARGV[3] then return 0 end
if redis.call('STRLEN', KEYS[1]) == string.find(head, '\\n', 1, true) then return 0 end
if ARGV[2] > deadline then
  redis.call('SETRANGE', KEYS[1], ${packed.deadlineOffset}, ARGV[2])
  redis.call('PEXPIREAT', KEYS[1], ARGV[1])
end
return 1
`)

/** A record to be stored if the one there has version `expected`. */
export interface CompareAndSet {
  readonly key: string
  readonly record: StoredRecord
  readonly expected: string | null
  readonly now: number
  /** Whether replicas are waited for next, over the same connection. */
  readonly isConfirmed: boolean
  /** Where it is announced once it is stored, and under which name. */
  readonly announced: Announcement | undefined
}

/** What is there instead, if anything is; or whether it was announced, where it should have been. */
export type CompareAndSetReply = { stored: true; isRefusedChannel: boolean } | { stored: false; current: Buffer | null }

export async function compareAndSet(client: RedisClient, change: CompareAndSet): Promise<CompareAndSetReply> {
  const { key, record, expected, now, isConfirmed, announced } = change
  const { version, expiresAt } = record
  const words = [
    key,
    asArgument(packRecord(record)),
    Math.trunc(expiresAt),
    version,
    expected ?? '',
    packDeadline(now),
    isConfirmed ? '1' : '',
  ]
  if (announced !== undefined) words.push(announced.channel, announced.as)
  const reply = await run(client, putScript, words)
  if (reply === null || typeof reply === 'object') return { stored: false, current: reply as Buffer | null }
  return { stored: true, isRefusedChannel: Number(reply) === 2 }
}

// As text where that is the same bytes: ioredis joins a command of texts to one, and copies one with a buffer in it piece by piece.
function asArgument(bytes: Uint8Array): string | Buffer {
  const buffer = asBuffer(bytes)
  return isAscii(buffer) ? buffer.toString('latin1') : buffer
}

/** Moves the deadline of a live record later. Answers whether there is one. */
export async function touchRecord(client: RedisClient, key: string, expiresAt: number, now: number): Promise<boolean> {
  return Number(await run(client, touchScript, [key, Math.trunc(expiresAt), packDeadline(expiresAt), packDeadline(now)])) === 1
}

interface Script {
  readonly source: string
  readonly sha1: string
}

function script(source: string): Script {
  return { source, sha1: createHash('sha1').update(source).digest('hex') }
}

/** ioredis has these beside each command, for replies that are bytes; its types leave them out. */
interface BufferReplies {
  evalshaBuffer: RedisClient['evalsha']
  evalBuffer: RedisClient['evalsha']
}

async function run(client: RedisClient, { source, sha1 }: Script, keyAndArguments: (string | number | Buffer)[]): Promise<unknown> {
  const bufferReplies = client as unknown as BufferReplies
  try {
    return await bufferReplies.evalshaBuffer(sha1, 1, ...keyAndArguments)
  } catch (error) {
    // A server that was restarted has forgotten the script; it then did nothing.
    if (isErrorReply(error, 'NOSCRIPT')) return bufferReplies.evalBuffer(source, 1, ...keyAndArguments)
    throw error
  }
}
