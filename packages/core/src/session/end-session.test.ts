import { expect, test } from 'vitest'
import { jsonCodec } from '../record/codec.ts'
import { memoryStore } from '../stores/memory/memory-store.ts'
import { createSessions } from './manager.ts'

test('a sign-out holds for other releases too, which can read what this one cannot', async () => {
  const shared = { store: memoryStore(), secrets: ['x'.repeat(32)] }
  const mark = 0x21
  const later = createSessions<{ n?: number }>({
    ...shared,
    codec: { encode: (data) => Uint8Array.of(mark, ...jsonCodec.encode(data)), decode: (bytes) => jsonCodec.decode(bytes.subarray(1)) },
  })
  const { cookie } = await later.create({ n: 1 }, { subject: 'u1' })
  const opened = createSessions<{ n?: number }>(shared).open(cookie)
  const session = await opened.load()
  expect(session.outcome).toBe('invalid')
  session.destroy()
  await opened.commit()
  expect((await later.open(cookie).load()).outcome).toBe('ended')
})
