import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { entriesOf, packages } from './install.ts'

/** How many bytes a program gets with what it imports. */
export interface BundleSize {
  readonly minified: number
  readonly gzipped: number
}

/** The size of each import, as a bundler makes it from the packed packages; frameworks and clients of databases not counted. */
export async function bundleSizes(project: string): Promise<Record<string, BundleSize>> {
  const whole = entriesOf(project).map((entry) => [`* from '${entry}'`, `export * from '${entry}'`])
  const named = [
    ['createSessions'],
    ['createSessions', 'memoryStore'],
    ['createSessions', 'redisStore'],
    ['createSessions', 'memcachedStore'],
  ].map((names) => [names.join(' and '), names.map((name) => `export { ${name} } from '${homeOf[name]}'`).join('\n')])
  const sizes: Record<string, BundleSize> = {}
  for (const [label, program] of [...named, ...whole]) sizes[label!] = await bundleSize(project, program!)
  return sizes
}

const homeOf: Readonly<Record<string, string>> = {
  createSessions: '@holdfast/core',
  memoryStore: '@holdfast/core/memory',
  redisStore: '@holdfast/core/redis',
  memcachedStore: '@holdfast/core/memcached',
}

async function bundleSize(project: string, program: string): Promise<BundleSize> {
  const entry = join(project, 'bundled.mjs')
  writeFileSync(entry, program)
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    plugins: [
      {
        name: 'only-ours',
        setup(bundler) {
          // An adapter needs core, but every other import of an application brings core already.
          bundler.onResolve({ filter: /^[^./]/ }, ({ path, importer }) => {
            const isOurs = packages.some((name) => path === name || path.startsWith(`${name}/`))
            return path === entry || (isOurs && importer === entry) ? undefined : { path, external: true }
          })
        },
      },
    ],
  })
  const bundle = outputFiles[0]!.contents
  return { minified: bundle.byteLength, gzipped: gzipSync(bundle, { level: 9 }).byteLength }
}
