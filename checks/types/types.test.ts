import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts6 from 'typescript'
import ts59 from 'typescript-5.9'
import { describe, expect, test } from 'vitest'
import { announced, compile, samplesOf } from './compile.ts'

describe.each([ts59 as unknown as typeof ts6, ts6])('TypeScript $version', (compiler) => {
  // Two programs: a declared `SessionData` would reach into every other file.
  test.each([[['right', 'wrong']], [['augmented']]])(
    '%j: all compiles but what is announced, and that fails as it says',
    (folders) => {
      const found = compile(compiler, folders)
      const expected = announced(folders)
      expect(found.map(({ at }) => at).toSorted()).toEqual(expected.map(({ at }) => at).toSorted())
      for (const { at, message } of expected) expect(found).toContainEqual({ at, message: expect.stringContaining(message) })
    },
    120_000,
  )

  test.each(['README.md', 'packages/core/README.md', 'packages/adapter-hono/README.md'])(
    'the samples of %s compile',
    (page) => {
      const samples = samplesOf(page)
      expect(samples.size).toBeGreaterThan(0)
      expect(compile(compiler, [], samples)).toEqual([])
    },
    120_000,
  )
})

test('a store of your own takes less than 100 lines', () => {
  expect(readFileSync(join(import.meta.dirname, 'right/store-of-your-own.ts'), 'utf8').split('\n').length).toBeLessThan(100)
})
