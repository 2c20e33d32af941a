import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { installPacked } from '@holdfast/testbed'
import { isInstalled } from '@holdfast/testbed/npm-folder'

/** A folder in which `shop.ts` is compiled for one version of Nest, beside our packages as npm would publish them. */
export interface BuiltShop {
  /** It holds `shop.mjs` and `shop.cjs`. */
  readonly path: string
  remove(): void
}

export type NestVersion = 'nest-10' | 'nest-11'

// As the template of @nestjs/schematics 11 and 12 has them, in all that bears on types and on what is emitted.
const compilerOptions = {
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
}

const here = import.meta.dirname
const root = join(here, '../../..')

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
    for (const file of ['shop.mts', 'shop.cts']) cpSync(join(here, 'shop.ts'), join(path, file))
    writeFileSync(join(path, 'tsconfig.json'), JSON.stringify({ compilerOptions }))
    const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
    const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', path], { encoding: 'utf8', timeout: 60_000 })
    if (status !== 0) throw new Error(`The shop does not compile on ${version}:\n${stdout}`)
    return { path, remove }
  } catch (error) {
    remove()
    throw error
  }
}

function link(source: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true })
  symlinkSync(source, target, 'dir')
}
