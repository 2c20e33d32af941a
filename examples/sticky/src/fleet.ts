import { fileURLToPath } from 'node:url'
import { freePort, startProgram, type StartedProgram } from '@holdfast/testbed'

export const nodeNames = ['a', 'b', 'c', 'd'] as const
export type NodeName = (typeof nodeNames)[number]

/** The nodes that the balancers' configurations name, each a process of its own. */
export interface Fleet {
  readonly ports: Readonly<Record<NodeName, number>>
  start(...names: NodeName[]): Promise<void>
  /** Resolves when its process has ended, with its exit code: undefined where a signal ended it, as after 5 seconds. */
  stop(name: NodeName, signal: 'SIGTERM' | 'SIGKILL'): Promise<number | undefined>
  close(): Promise<void>
}

const app = fileURLToPath(new URL('app.ts', import.meta.url))

/** A fleet of which nothing is started yet; `env` is what all nodes are told. */
export async function fleetOf(env: Readonly<Record<string, string>> = {}): Promise<Fleet> {
  const ports = Object.fromEntries(await Promise.all(nodeNames.map(async (name) => [name, await freePort()]))) as Record<NodeName, number>
  const running = new Map<NodeName, StartedProgram>()

  async function start(name: NodeName): Promise<void> {
    const settings = { SESSION_SECRET: 'only for the test of the examples', NOTICED: '2000', ...env }
    const args = ['--conditions=@holdfast/source', '--import', 'tsx', app]
    const options = { cwd: process.cwd(), env: { ...process.env, ...settings, NODE_NAME: name, PORT: String(ports[name]) } }
    running.set(name, await startProgram(process.execPath, args, options))
  }

  async function stop(name: NodeName, signal: NodeJS.Signals): Promise<number | undefined> {
    const node = running.get(name)
    if (node === undefined) throw new Error(`${name} does not run`)
    running.delete(name)
    await node.stop(signal)
    return node.exitCode
  }

  return {
    ports,
    start: async (...names) => void (await Promise.all(names.map(start))),
    stop,
    close: async () => void (await Promise.all([...running.keys()].map((name) => stop(name, 'SIGKILL')))),
  }
}
