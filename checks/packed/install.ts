import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { installPacked } from '@holdfast/testbed'

const root = join(import.meta.dirname, '../..')

/** The packages that are published, by their folders. */
export const folders = ['core', 'adapter-hono', 'adapter-koa', 'adapter-nest']

/** Their names. */
export const packages = folders.map((folder) => `@holdfast/${folder}`)

const peers = [
  '@hono/node-server',
  'express',
  'hono',
  'ioredis',
  'koa',
  'memjs',
  '@nestjs/common',
  '@nestjs/core',
  '@nestjs/platform-express',
  '@nestjs/platform-fastify',
  'reflect-metadata',
  'rxjs',
  '@types/koa',
  '@types/node',
  'undici-types',
]

/** A fresh project with the packed packages and their peers in its `node_modules`; its folder. */
export function projectWithPackages(): string {
  const project = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-packed-')))
  installPacked(project, folders)
  for (const peer of peers) linkPeer(project, peer)
  return project
}

export function linkPeer(project: string, peer: string): void {
  const target = join(project, 'node_modules', peer)
  mkdirSync(dirname(target), { recursive: true })
  symlinkSync(join(root, 'node_modules', peer), target)
}

export function unlinkPeer(project: string, peer: string): void {
  rmSync(join(project, 'node_modules', peer))
}

/** The keys of `exports` that hold code, as one would import them. */
export function entriesOf(project: string): string[] {
  return packages.flatMap((name) => {
    const { exports } = JSON.parse(readFileSync(join(project, 'node_modules', name, 'package.json'), 'utf8')) as { exports: object }
    return Object.keys(exports)
      .filter((key) => key !== './package.json')
      .map((key) => name + key.slice(1))
  })
}
