import { cp, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, sep } from 'node:path'
import { installPacked } from '@holdfast/testbed'
import { folder as files } from '../runtimes/programs.mjs'

/** A folder in which our packages are installed as npm would publish them, with the files of `runtimes/` beside them. */
export interface PackedFolder {
  readonly path: string
  remove(): Promise<void>
}

/** Packs what `npm run build` has built; asks no registry. */
export async function packedFolder(): Promise<PackedFolder> {
  const path = await mkdtemp(join(tmpdir(), 'holdfast-packed-'))
  installPacked(path, ['core', 'adapter-hono'])
  const [hono = ''] = createRequire(import.meta.url)
    .resolve('hono')
    .split(`${sep}dist${sep}`)
  await symlink(hono, join(path, 'node_modules', 'hono'), 'dir')
  await writeFile(join(path, 'package.json'), '{ "type": "module" }')
  for (const file of await readdir(files)) if (/^(?:shop|on-.*)\.mjs$|\.capnp$/.test(file)) await cp(join(files, file), join(path, file))
  return { path, remove: async () => rm(path, { recursive: true, force: true }) }
}
