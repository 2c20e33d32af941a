import { expect, test } from 'vitest'
import { faults } from './faults/all.ts'
import { optionsFrom } from './options.ts'

const options = (...args: string[]) => optionsFrom(args, faults, 'results')

test('all that is run and written by default', () => {
  expect(options()).toEqual({ faults, form: 'long', rounds: 3, plain: true, json: false, out: 'results', help: false })
})

test('faults are named in either case, and some of them are not written as the latest results', () => {
  const { faults: named, out } = options('f2', 'F1')
  expect(named.map(({ id }) => id)).toEqual(['F2', 'F1'])
  expect(out).toBeUndefined()
  expect(options('F1', '--out', 'here').out).toBe('here')
})

test('a short run has one round, and is not written as the latest either', () => {
  expect(options('--short')).toMatchObject({ form: 'short', rounds: 1, out: undefined })
  expect(options('--short', '--rounds', '4').rounds).toBe(4)
  expect(options('--no-plain')).toMatchObject({ plain: false, out: undefined })
  expect(options('--no-out').out).toBeUndefined()
})

test('each fault has a name of its own', () => {
  expect(new Set(faults.map(({ id }) => id)).size).toBe(faults.length)
})
