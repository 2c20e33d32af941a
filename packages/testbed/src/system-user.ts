import { spawnSync } from 'node:child_process'

/** A user of this system, as `spawn` takes one. */
export interface SystemUser {
  readonly uid: number
  readonly gid: number
}

/** The first of these users that this system has. */
export function systemUser(...names: [string, ...string[]]): SystemUser {
  for (const name of names) {
    const [uid, gid] = [idOf('-u', name), idOf('-g', name)]
    if (uid !== undefined && gid !== undefined) return { uid, gid }
  }
  throw new Error(`testbed: this system has no user ${names.join(' or ')}`)
}

function idOf(flag: '-u' | '-g', name: string): number | undefined {
  const { status, stdout } = spawnSync('id', [flag, name], { encoding: 'utf8' })
  return status === 0 ? Number(stdout) : undefined
}
