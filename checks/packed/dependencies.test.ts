import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folders } from './install.ts'

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}

const textOf = (folder: string, file: string): string => readFileSync(join(import.meta.dirname, '../../packages', folder, file), 'utf8')
const manifestOf = (folder: string): Manifest => JSON.parse(textOf(folder, 'package.json')) as Manifest

test('no package brings another one along', () => {
  for (const folder of folders) {
    const { dependencies = {}, optionalDependencies = {} } = manifestOf(folder)
    expect({ folder, brings: [...Object.keys(dependencies), ...Object.keys(optionalDependencies)] }).toEqual({ folder, brings: [] })
  }
})

test('the README of core says so, and names its peers, optional ones', () => {
  const { peerDependencies = {}, peerDependenciesMeta = {} } = manifestOf('core')
  expect(Object.keys(peerDependencies)).toEqual(['ioredis', 'memjs'])
  expect(peerDependenciesMeta).toEqual({ ioredis: { optional: true }, memjs: { optional: true } })
  expect(textOf('core', 'README.md')).toContain('It has no runtime dependency; `ioredis` and `memjs` are optional peers')
})

test.each([
  ['adapter-hono', ['@holdfast/core', 'hono']],
  ['adapter-koa', ['@holdfast/core', 'koa']],
  ['adapter-nest', ['@holdfast/core', '@nestjs/common', '@nestjs/core']],
])('%s needs core and its framework', (folder, needed) => {
  const { peerDependencies = {}, peerDependenciesMeta = {} } = manifestOf(folder)
  expect(Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional !== true)).toEqual(needed)
  expect(textOf(folder, 'README.md')).toMatch(/It has no runtime dependency: `@holdfast\/core` and (Hono|Koa|Nest) are peers\./)
})
