import { findProgram, howToInstall } from '../programs.mjs'
import type { ProgramName } from '../programs.mjs'

/**
 * The absolute path of a program on this machine.
 *
 * @throws Error that says how to install it.
 */
export function program(name: ProgramName): string {
  const path = findProgram(name)
  if (path === undefined) throw new Error(`testbed: found no ${howToInstall(name)}`)
  return path
}
