import fc from 'fast-check'
import { expect, test } from 'vitest'
import { frames, type Frames } from './frames.ts'
import { bareQuestion, opcodes } from './questions.ts'

/** A reply, as a server would write it to the question of this number. */
function replyTo(opaque: number, key: string, value: Buffer, opcode: number = opcodes.getk): Buffer {
  const head = Buffer.alloc(24)
  head.set([0x81, opcode])
  head.writeUInt16BE(key.length, 2)
  head.writeUInt32BE(key.length + value.length, 8)
  head.writeUInt32BE(opaque, 12)
  return Buffer.concat([head, Buffer.from(key), value])
}

interface Asking extends Frames {
  /** What came of each question, in the order of their coming. */
  readonly got: string[]
}

/** Asks for these keys, as the questions 1, 2, 3, … */
function asking(keys: readonly string[]): Asking {
  const got: string[] = []
  const all = frames({ longestBody: 10_000, refused: () => got.push('refused') })
  for (const key of keys)
    all.ask(
      bareQuestion(opcodes.getk, key),
      (reply) => got.push(`${key}: ${reply.val.toString('latin1')}`),
      () => got.push(`${key} failed`),
    )
  return { ...all, got }
}

const values = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 10 })

test('replies are put together however they were cut, each goes to its own question', () => {
  fc.assert(
    fc.property(values, fc.infiniteStream(fc.integer({ min: 1, max: 200 })), (all, sizes) => {
      const keys = all.map((_, n) => `key${n}`)
      const { feed, got } = asking(keys)
      const bytes = Buffer.concat(all.map((value, n) => replyTo(n + 1, keys[n] as string, Buffer.from(value))))
      for (let at = 0; at < bytes.length;) {
        const size = sizes.next().value as number
        feed(bytes.subarray(at, at + size))
        at += size
      }
      expect(got).toEqual(all.map((value, n) => `key${n}: ${Buffer.from(value).toString('latin1')}`))
    }),
  )
})

test('after the first reply that is none, whatever bytes follow, nothing is answered any more', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 24, maxLength: 200 }), (garbage) => {
      fc.pre(garbage[0] !== 0x81)
      const { feed, failAll, got } = asking(['one', 'other'])
      feed(replyTo(1, 'one', Buffer.from('1')))
      expect(() => feed(Buffer.from(garbage))).toThrow('no reply')
      failAll()
      expect(got.filter((each) => each !== 'refused')).toEqual(['one: 1', 'other failed'])
    }),
  )
})

test.each([
  ['to a question that was not asked', replyTo(3, 'key', Buffer.alloc(0))],
  ['out of its turn', replyTo(2, 'other', Buffer.alloc(0))],
  ['to a question of memjs’s own, which would send a password', replyTo(1, '', Buffer.from('PLAIN'), 0x20)],
  ['that is shorter than its parts', Buffer.concat([Buffer.from([0x81, 0x0c, 0, 9]), Buffer.alloc(20)])],
  ['that is longer than any', Buffer.concat([Buffer.from([0x81, 0x0c, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0]), Buffer.alloc(12)])],
])('a reply %s is none', (_, bytes) => {
  const { feed, failAll, got } = asking(['one', 'other'])
  expect(() => feed(bytes)).toThrow('no reply')
  failAll()
  expect(got).toEqual(['one failed', 'other failed'])
})

test('an error ends what has many replies, and the next question is answered', () => {
  const got: number[] = []
  const { ask, feed } = frames({ longestBody: 10_000, refused: () => {} })
  const note = (reply: { readonly header: { readonly status?: number } }): void => void got.push(reply.header.status as number)
  ask({ ...bareQuestion(opcodes.stat), hasMany: true }, note, () => {})
  ask(bareQuestion(opcodes.noop), note, () => {})
  const error = replyTo(1, '', Buffer.from('Unknown command'), opcodes.stat)
  error.writeUInt16BE(0x81, 6)
  feed(Buffer.concat([error, replyTo(2, '', Buffer.alloc(0), opcodes.noop)]))
  expect(got).toEqual([0x81, 0])
})
