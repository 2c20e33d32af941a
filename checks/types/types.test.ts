import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts6 from 'typescript'
import ts59 from 'typescript-5.9'
import { describe, expect, test } from 'vitest'
import { announced, asCommonJs, compile, programsIn, samplesOf, type Programs } from './compile.ts'

// A program that declares `SessionData` would reach into all others that are compiled with it.
const folders = [[['right', 'wrong']], [['augmented']]]
const nestFolders = [[['nest/right', 'nest/wrong']], [['nest/augmented']]]

// Where the template of a Nest project asks for less: that of @nestjs/schematics 12, and of 11 where nobody asked for strict.
const template = {
  esModuleInterop: true,
  strictPropertyInitialization: false,
  exactOptionalPropertyTypes: false,
  noUncheckedIndexedAccess: false,
  verbatimModuleSyntax: false,
}
const loose = { ...template, strict: false, strictNullChecks: true }

const pages = ['README.md', ...['core', 'adapter-hono', 'adapter-koa', 'adapter-nest'].map((name) => `packages/${name}/README.md`)]

describe.each([ts59 as unknown as typeof ts6, ts6])('TypeScript $version', (compiler) => {
  function expectAnnounced(programs: Programs, settings?: object): void {
    const found = compile(compiler, programs, settings)
    const expected = announced(programs)
    expect(found.map(({ at }) => at).toSorted()).toEqual(expected.map(({ at }) => at).toSorted())
    for (const { at, message } of expected) expect(found).toContainEqual({ at, message: expect.stringContaining(message) })
  }

  test.each(folders)(
    '%j: all compiles but what is announced, and that fails as it says',
    (these) => expectAnnounced(programsIn(these)),
    120_000,
  )

  describe.each([
    { name: 'an ES module', as: (programs: Programs) => programs, settings: template },
    { name: 'CommonJS', as: asCommonJs, settings: template },
    { name: 'CommonJS that is not strict', as: asCommonJs, settings: loose },
  ])('Nest’s template of a project, as $name', ({ as, settings }) => {
    test.each(nestFolders)(
      '%j: all compiles but what is announced, and that fails as it says',
      (these) => expectAnnounced(as(programsIn(these)), settings),
      120_000,
    )
  })

  test.each(pages)(
    'the samples of %s compile',
    (page) => {
      const samples = samplesOf(page)
      expect(samples.size).toBeGreaterThan(0)
      expect(compile(compiler, samples)).toEqual([])
    },
    120_000,
  )
})

test('a store of your own takes less than 100 lines', () => {
  expect(readFileSync(join(import.meta.dirname, 'right/store-of-your-own.ts'), 'utf8').split('\n').length).toBeLessThan(100)
})
