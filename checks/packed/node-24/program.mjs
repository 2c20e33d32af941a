import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The folder that `npm ci` fills. */
export const folder = import.meta.dirname

/**
 * The program of a Node 24: this process's own, or the one installed here, of the version that package.json asks for;
 * undefined where there is neither.
 */
export function findNode24() {
  if (process.versions.node.startsWith('24.')) return process.execPath
  const name = `node-${process.platform}-${process.arch}`
  const installed = join(folder, 'node_modules', name)
  const isIt = existsSync(installed) && manifest(installed).version === manifest(folder).optionalDependencies[name]
  return isIt ? join(installed, 'bin/node') : undefined
}

function manifest(path) {
  return JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'))
}
