import { expect, test } from 'vitest'
import { hedgeBudget, type HedgeBudget } from './hedge-budget.ts'

function spendAll(budget: HedgeBudget): number {
  let spent = 0
  while (budget.spend()) spent += 1
  return spent
}

test('one read in 25 may be asked twice, and a few at first', () => {
  const budget = hedgeBudget()
  expect(spendAll(budget)).toBe(10)
  for (let read = 0; read < 24; read += 1) budget.earn()
  expect(budget.spend()).toBe(false)
  for (let read = 0; read < 2; read += 1) budget.earn()
  expect(spendAll(budget)).toBe(1)
  for (let read = 0; read < 2_500; read += 1) budget.earn()
  const spent = spendAll(budget)
  expect([spent >= 99, spent <= 100]).toEqual([true, true])
})

test('reads that all would ask twice ask at most 5 % more', () => {
  const budget = hedgeBudget()
  let asked = 0
  for (let read = 0; read < 10_000; read += 1) {
    budget.earn()
    asked += budget.spend() ? 2 : 1
  }
  expect(asked).toBeLessThanOrEqual(10_500)
})

test('what is saved has an end', () => {
  const budget = hedgeBudget()
  for (let read = 0; read < 1_000_000; read += 1) budget.earn()
  expect(spendAll(budget)).toBe(1_000)
})
