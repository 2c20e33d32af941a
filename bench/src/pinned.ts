import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** The core that the measured server has to itself, and the one of everything else. */
export const cores = { server: 0, rest: 1 } as const

/** Whether processes can be kept on a core of their own: on Linux, with two cores or more. */
export const canPin: boolean =
  process.platform === 'linux' && availableParallelism() > 1 && spawnSync('taskset', ['--version']).status === 0

/** The command that runs this one on one core. */
export function pinned(core: number, command: string, args: readonly string[]): [command: string, args: string[]] {
  return canPin ? ['taskset', ['-c', String(core), command, ...args]] : [command, [...args]]
}

/** Moves a process, with all its threads, to one core. */
export function pin(core: number, pid: number): void {
  if (canPin) spawnSync('taskset', ['-a', '-c', '-p', String(core), String(pid)])
}
