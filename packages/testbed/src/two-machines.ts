import { execFile, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { promisify } from 'node:util'
import { findProgram } from '../programs.mjs'

/** What stands for a machine: processes that reach each other, and the other machine only over one wire. */
export interface Machine {
  readonly address: string
  /** The program and the arguments that run this one on it. */
  enter(command: string, args: readonly string[]): readonly [string, readonly string[]]
}

/** Two machines and the wire between them. */
export interface TwoMachines {
  readonly one: Machine
  readonly other: Machine
  /** From now on what either sends to the other gets lost without a word, as behind a broken switch. */
  part(): Promise<void>
  /** Joins them again. */
  heal(): Promise<void>
  /** Lets go of them: they are no more when the last process on them has ended. */
  close(): Promise<void>
}

/** Why this machine cannot stand for two: `needs root on Linux`; undefined if it can. */
export async function whyNotTwoMachines(): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'needs root on Linux'
  if (findProgram('ip') === undefined) return 'needs ip of iproute2'
  return run('unshare', ['-n', 'true']).then(
    () => undefined,
    () => 'needs the right to make network namespaces',
  )
}

/**
 * Makes two network namespaces with a pair of virtual interfaces between them; nothing outside of them changes. They have no name, so
 * that nothing is left of them once their processes are gone, whatever ends this one.
 *
 * @throws Error with what the system said; ask `whyNotTwoMachines` before.
 * @example
 * const { one, other, part } = await startTwoMachines()
 * const [command, args] = one.enter('ping', ['-c', '1', other.address])
 */
export async function startTwoMachines(): Promise<TwoMachines> {
  const keepers: ChildProcess[] = []
  const close = async (): Promise<void> => void (await Promise.all(keepers.map(release)))
  try {
    const [one, other] = [await startMachine(addresses[0], keepers), await startMachine(addresses[1], keepers)]
    await ip('link', 'add', wire, 'netns', String(one.pid), 'type', 'veth', 'peer', 'name', wire, 'netns', String(other.pid))
    for (const { machine } of [one, other]) {
      await on(machine, 'link', 'set', 'lo', 'up')
      await on(machine, 'address', 'add', `${machine.address}/30`, 'dev', wire)
      await on(machine, 'link', 'set', wire, 'up')
    }
    const ends = [
      [one.machine, other.machine],
      [other.machine, one.machine],
    ] as const
    return {
      one: one.machine,
      other: other.machine,
      async part() {
        // To a hardware address that nobody has. An interface that is down would refuse at once, which a partition does not.
        const nobody = ['lladdr', '02:00:00:00:00:99', 'nud', 'permanent']
        await Promise.all(ends.map(([here, there]) => on(here, 'neigh', 'replace', there.address, ...nobody, 'dev', wire)))
      },
      async heal() {
        await Promise.all(ends.map(([here, there]) => on(here, 'neigh', 'del', there.address, 'dev', wire)))
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

const wire = 'wire'

// Only these two machines have them, so they meet no others.
const addresses = ['10.213.77.1', '10.213.77.2'] as const

const run = promisify(execFile)

async function startMachine(address: string, keepers: ChildProcess[]): Promise<{ machine: Machine; pid: number }> {
  // Holds the namespace until its input ends, which comes as well when this process dies.
  const keeper = spawn('unshare', ['-n', 'sh', '-c', 'echo there; read -r _'], { stdio: ['pipe', 'pipe', 'inherit'], detached: true })
  keepers.push(keeper)
  keeper.stdin.on('error', () => {})
  const ended = once(keeper, 'exit').then(() => Promise.reject(new Error('testbed: unshare -n failed')))
  await Promise.race([once(keeper.stdout, 'data'), ended])
  ended.catch(() => {})
  // From here on it holds nobody up.
  keeper.unref()
  for (const stream of [keeper.stdin, keeper.stdout]) (stream as Socket).unref()
  const pid = keeper.pid!
  return { pid, machine: { address, enter: (command, args) => ['nsenter', ['-t', String(pid), '-n', command, ...args]] } }
}

async function on(machine: Machine, ...args: string[]): Promise<void> {
  const [command, all] = machine.enter(findProgram('ip')!, args)
  await run(command, [...all])
}

async function ip(...args: string[]): Promise<void> {
  await run(findProgram('ip')!, args)
}

async function release(keeper: ChildProcess): Promise<void> {
  if (keeper.exitCode !== null || keeper.signalCode !== null) return
  keeper.ref()
  keeper.stdin!.end()
  await once(keeper, 'exit')
}
