import { describe, expect, test } from 'vitest'
import { faultyStore } from '../testing/faulty-store.ts'
import { memoryStore } from '../stores/memory/memory-store.ts'
import { createSessions } from './manager.ts'
import type { StandardSchema } from './schema.ts'

interface Data {
  cart: { note: string; items: string[] }
  at?: string
}

const isObject = (value: unknown): value is Partial<Record<string, any>> => typeof value === 'object' && value !== null

/** Fills in what is missing, drops what it does not know, and has an order of its own: as those of zod do. */
const schema: StandardSchema<unknown, Data> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) => {
      const { cart, at } = isObject(value) ? value : {}
      if (at !== undefined && typeof at !== 'string') return { issues: [{ message: 'no text', path: ['at'] }] }
      return { value: { cart: { note: cart?.note ?? '', items: cart?.items ?? [] }, ...(at === undefined ? {} : { at }) } }
    },
  },
}

const store = faultyStore(memoryStore())
const secrets = ['x'.repeat(32)]
const sessions = createSessions({
  store,
  secrets,
  schema: schema as StandardSchema<Data, Data>,
  initial: () => ({ cart: { note: '', items: [] } }),
})
/** An older release, without the schema's defaults and order. */
const older = createSessions<{ cart: object }>({ store, secrets, initial: () => ({ cart: {} }) })

describe('a schema that gives the data back otherwise than it was stored', () => {
  test('makes no change of a read', async () => {
    const { cookie } = await older.create({ cart: { items: ['a'], note: '' } })
    const opened = sessions.open(cookie)
    expect((await opened.load()).data).toEqual({ cart: { note: '', items: ['a'] } })
    store.calls.length = 0
    await opened.commit()
    expect(store.calls).toEqual([])
  })

  test('lets no request that only read undo the change of another', async () => {
    const { cookie } = await older.create({ cart: { items: ['a'] } })
    const [reader, writer] = [sessions.open(cookie), sessions.open(cookie)]
    void (await reader.load()).data.cart
    const session = await writer.load()
    session.data.cart.items.push('b')
    await writer.commit()
    await reader.commit()
    expect((await sessions.open(cookie).load()).data.cart.items).toEqual(['a', 'b'])
  })

  test('makes no overlap of what only the schema changed', async () => {
    const guarded = createSessions({
      store,
      secrets,
      schema: schema as StandardSchema<Data, Data>,
      initial: () => ({ cart: { note: '', items: [] } }),
      guarded: ['cart'],
    })
    const { cookie } = await older.create({ cart: { items: ['a'] } })
    const opened = guarded.open(cookie)
    const session = await opened.load()
    session.data.cart.items.push('b')
    const other = older.open(cookie)
    Object.assign((await other.load()).data, { at: 'now' })
    await other.commit()
    await opened.commit()
    expect((await guarded.open(cookie).load()).data).toEqual({ cart: { note: '', items: ['a', 'b'] }, at: 'now' })
  })
})

test('what is saved is checked as the next load will read it', async () => {
  const { cookie } = await sessions.create({ cart: { note: '', items: [] } })
  const session = await sessions.open(cookie).load()
  session.data.cart.note = 'a'
  Object.assign(session.data, { at: 'now', toJSON: () => ({ cart: session.data.cart, at: 1 }) })
  await expect(session.save()).rejects.toMatchObject({ code: 'ERR_DATA' })
})
