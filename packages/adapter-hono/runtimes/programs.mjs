import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Each runtime's npm package, and where the package with its program for one platform has the program. */
export const runtimes = { bun: 'bin/bun', deno: 'deno', workerd: 'bin/workerd' }

/** The folder that `npm ci` fills. */
export const folder = fileURLToPath(new URL('.', import.meta.url))

/** The absolute path of a runtime's program, of the version that package.json asks for, or undefined where it is not installed. */
export function findRuntime(name) {
  const { version, optionalDependencies = {} } = manifest(name) ?? {}
  if (version !== manifest()?.dependencies[name]) return undefined
  // npm has installed the one package that is for this system and processor.
  return Object.keys(optionalDependencies)
    .map((platform) => `${folder}node_modules/${platform}/${runtimes[name]}${process.platform === 'win32' ? '.exe' : ''}`)
    .find((path) => existsSync(path))
}

function manifest(name) {
  const path = name === undefined ? `${folder}package.json` : `${folder}node_modules/${name}/package.json`
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined
}
