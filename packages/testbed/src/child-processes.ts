import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** The ids of the processes that this one has started and that have not ended. Stop it first, or it may start more meanwhile. */
export function childProcesses(parent: number): number[] {
  return (process.platform === 'linux' ? fromProc() : fromPs()).flatMap(([pid, ppid]) => (ppid === parent ? [pid] : []))
}

type PidAndParent = readonly [pid: number, ppid: number]

// Containers often have no ps.
function fromProc(): PidAndParent[] {
  return readdirSync('/proc').flatMap((name): PidAndParent[] => {
    if (!/^\d+$/.test(name)) return []
    try {
      // pid (name) state ppid …, and the name may hold anything.
      const [, ppid] = readFileSync(`/proc/${name}/stat`, 'latin1').split(') ').at(-1)!.split(' ')
      return [[Number(name), Number(ppid)]]
    } catch {
      // It ended between the two looks.
      return []
    }
  })
}

function fromPs(): PidAndParent[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=', '-o', 'ppid='], { encoding: 'utf8' })
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number])
}
