import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'

// A sample that is imported from code which a test runs cannot rot; one that is typed into a page can.

const root = join(import.meta.dirname, '../..')
const docs = join(root, 'docs')

/** Where code stands that tests run, the configuration that their servers read, and what `npm run bench` writes. */
const runs = [/^(examples|checks)\/.*\.(ts|mjs|cjs|json|conf|cfg|acl)$/, /^packages\/[\w-]+\/src\/.*\.ts$/, /^bench\/(src|results)\//]

/** Languages that stand for what a reader types or sees, not for code that they take over. */
const inline = ['sh', 'text']

const pages = readdirSync(docs, { recursive: true, encoding: 'utf8' }).filter(
  (name) => name.endsWith('.md') && !/^(reference|node_modules|\.vitepress)\//.test(name),
)

test('there are pages, and samples on them', () => {
  expect(pages.length).toBeGreaterThan(20)
  expect(pages.flatMap((name) => importsOf(name)).length).toBeGreaterThan(20)
})

test.each(pages)('%s: code comes out of files that tests run', (name) => {
  const faults = importsOf(name).flatMap(({ line, file, region }) => {
    const path = relative(root, join(docs, dirname(name), file))
    if (!runs.some((known) => known.test(path))) return [`${line}: no test runs ${path}`]
    if (!existsSync(join(root, path))) return [`${line}: there is no ${path}`]
    return region === undefined || hasRegion(path, region) ? [] : [`${line}: ${path} has no region ${region}`]
  })
  expect([...faults, ...typedIn(name), ...missingIncludes(name)]).toEqual([])
})

interface Import {
  readonly line: string
  readonly file: string
  readonly region: string | undefined
}

function importsOf(name: string): Import[] {
  return linesOf(name)
    .filter((line) => line.startsWith('<<<'))
    .map((line) => {
      const [, file, region] = /^<<< ([^#{\s]+)(?:#([\w-]+))?(?:\{\w+\})?(?: \[.*\])?$/.exec(line) ?? []
      if (file === undefined) throw new Error(`${name}: ${line} is not understood`)
      return { line, file, region }
    })
}

/** The blocks of a page that are neither imported nor of a language that may stand in it. */
function typedIn(name: string): string[] {
  const fences = linesOf(name).filter((line) => /^\s*(```|~~~)/.test(line))
  // Each second fence closes.
  return fences.filter((fence, index) => index % 2 === 0 && !inline.includes(/^\s*(?:```|~~~)(\w*)/.exec(fence)![1]!))
}

/** VitePress says nothing of an include that is not there. */
function missingIncludes(name: string): string[] {
  const included = linesOf(name).flatMap((line) => /^<!--\s*@include: (\S+?)\s*-->$/.exec(line)?.[1] ?? [])
  return included.filter((file) => !existsSync(join(docs, dirname(name), file))).map((file) => `${file} is not there to be included`)
}

function linesOf(name: string): string[] {
  return readFileSync(join(docs, name), 'utf8').split('\n')
}

function hasRegion(path: string, region: string): boolean {
  const lines = readFileSync(join(root, path), 'utf8')
    .split('\n')
    .map((line) => line.trim())
  const begin = lines.indexOf(`// #region ${region}`)
  return begin >= 0 && lines.indexOf(`// #endregion ${region}`) > begin + 1
}
