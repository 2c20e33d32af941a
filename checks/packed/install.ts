import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** The packages that are published: the folder, and the name. */
export const packages = [
  { folder: 'core', name: '@holdfast/core' },
  { folder: 'adapter-hono', name: '@holdfast/adapter-hono' },
]
const peers = ['hono', 'ioredis', '@types/node', 'undici-types']

/** A fresh project with the packed packages in its `node_modules`, as `npm install` would put them there; its folder. */
export function installPacked(): string {
  const project = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-packed-')))
  for (const { folder, name } of packages) {
    const source = join(root, 'packages', folder)
    if (!existsSync(join(source, 'dist'))) throw new Error(`${name} is not built: run "npm run build" first.`)
    const packed = execFileSync('npm', ['pack', '--silent', '--pack-destination', project], { cwd: source, encoding: 'utf8' })
    const target = join(project, 'node_modules', name)
    mkdirSync(target, { recursive: true })
    execFileSync('tar', ['-xzf', join(project, packed.trim()), '-C', target, '--strip-components=1'])
  }
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
  return packages.flatMap(({ name }) => {
    const { exports } = JSON.parse(readFileSync(join(project, 'node_modules', name, 'package.json'), 'utf8')) as { exports: object }
    return Object.keys(exports)
      .filter((key) => key !== './package.json')
      .map((key) => name + key.slice(1))
  })
}
