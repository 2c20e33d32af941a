import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { installPacked } from '@holdfast/testbed'
import { isInstalled } from '@holdfast/testbed/npm-folder'

/** A folder in which `shop.ts` is compiled for one version of Nest, beside our packages as npm would publish them. */
export interface BuiltShop {
  readonly path: string
  remove(): void
}

export type NestVersion = 'nest-10' | 'nest-11'

/** How a new project compiles, in all that bears on types and on what is emitted. */
interface Template {
  readonly tsc: string
  readonly sources: readonly string[]
  readonly compilerOptions: object
}

const require = createRequire(import.meta.url)

/** Of @nestjs/schematics 10. It says nothing of resolution, which then knows no `exports`. */
const template10: Template = {
  tsc: require.resolve('typescript-5.9/bin/tsc'),
  sources: ['shop.ts'],
  compilerOptions: {
    module: 'commonjs',
    allowSyntheticDefaultImports: true,
    emitDecoratorMetadata: true,
    experimentalDecorators: true,
    target: 'ES2021',
    skipLibCheck: true,
    strictNullChecks: false,
    noImplicitAny: false,
    types: ['node'],
  },
}

/** Of @nestjs/schematics 11 and 12. */
const template11: Template = {
  tsc: require.resolve('typescript/bin/tsc'),
  sources: ['shop.mts', 'shop.cts'],
  compilerOptions: {
    module: 'nodenext',
    moduleResolution: 'nodenext',
    esModuleInterop: true,
    isolatedModules: true,
    emitDecoratorMetadata: true,
    experimentalDecorators: true,
    target: 'ES2023',
    skipLibCheck: true,
    strict: true,
    types: ['node'],
  },
}

const templates = { 'nest-10': [template10, template11], 'nest-11': [template11] }

const here = import.meta.dirname
const root = join(here, '../../..')

/** The files that `buildShop` compiles for a version, in its folder. */
export function shopFiles(version: NestVersion): string[] {
  return templates[version].flatMap(({ sources }) => sources.map((source) => source.replace(/ts$/, 'js')))
}

/** Asks no registry. @throws Error with what the compiler said, where the shop does not fit that version's types. */
export function buildShop(version: NestVersion): BuiltShop {
  const nest = join(here, version)
  if (!isInstalled(nest)) throw new Error(`${version} is not installed: run "node ${join(here, 'install.mjs')}".`)
  const path = realpathSync(mkdtempSync(join(tmpdir(), `holdfast-${version}-`)))
  const remove = (): void => rmSync(path, { recursive: true, force: true })
  try {
    installPacked(path, ['core', 'adapter-nest'])
    const { dependencies } = JSON.parse(readFileSync(join(nest, 'package.json'), 'utf8')) as { dependencies: object }
    for (const name of Object.keys(dependencies)) link(join(nest, 'node_modules', name), join(path, 'node_modules', name))
    link(join(root, 'node_modules/@types/node'), join(path, 'node_modules/@types/node'))
    for (const template of templates[version]) compile(path, template)
    return { path, remove }
  } catch (error) {
    remove()
    throw error
  }
}

function compile(path: string, { tsc, sources, compilerOptions }: Template): void {
  for (const source of sources) cpSync(join(here, 'shop.ts'), join(path, source))
  writeFileSync(join(path, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: sources }))
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', path], { encoding: 'utf8', timeout: 60_000 })
  if (status !== 0) throw new Error(`The shop does not compile as ${sources.join(' and ')}:\n${stdout}`)
}

function link(source: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true })
  symlinkSync(source, target, 'dir')
}
