import { expect, test } from 'vitest'
import { inTurn } from './in-turn.ts'

test('each in turn; who is gone is passed over until it is back', () => {
  const koa: { name: string; origin: string | undefined } = { name: 'Koa', origin: 'http://127.0.0.1:2' }
  const next = inTurn([{ name: 'Hono', origin: 'http://127.0.0.1:1' }, koa, { name: 'Nest', origin: 'http://127.0.0.1:3' }])
  const names = (count: number) => Array.from({ length: count }, () => next()?.name)
  expect(names(4)).toEqual(['Hono', 'Koa', 'Nest', 'Hono'])
  koa.origin = undefined
  expect(names(3)).toEqual(['Nest', 'Hono', 'Nest'])
  koa.origin = 'http://127.0.0.1:4'
  expect(names(3)).toEqual(['Hono', 'Koa', 'Nest'])
})

test('none, when all are gone', () => {
  expect(inTurn([{ name: 'Hono', origin: undefined }])()).toBeUndefined()
})
