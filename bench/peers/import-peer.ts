import { readFileSync } from 'node:fs'

/** A library of this folder. From here, since a package is looked for from where it is imported; its types are not asked for. */
export function importPeer(name: string): Promise<any> {
  return import(name)
}

/** What is installed: `{ name: 'koa-session', version: '7.0.2', node: '>= 18.19.0' }`. */
export function installedPeer(name: string): InstalledPeer {
  const { version, engines } = JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url), 'utf8')) as {
    version: string
    engines?: { node?: string }
  }
  return { name, version, node: engines?.node }
}

export interface InstalledPeer {
  readonly name: string
  readonly version: string
  /** The Node that it asks for. */
  readonly node: string | undefined
}
