import type { RedisServer } from './redis.ts'

/** How often a server has carried out these commands since it was started, or since CONFIG RESETSTAT. */
export async function commandCalls(server: RedisServer, ...commands: readonly string[]): Promise<number> {
  const stats = String(await server.command('INFO', 'commandstats'))
  const calls = commands.map((name) => Number(new RegExp(`^cmdstat_${name}:calls=(\\d+)`, 'm').exec(stats)?.[1] ?? 0))
  return calls.reduce((sum, count) => sum + count, 0)
}

/** The ids of the connections that go by this name. */
export async function connectionsNamed(server: RedisServer, name: string): Promise<string[]> {
  const list = String(await server.command('CLIENT', 'LIST'))
  return list.split('\n').flatMap((line) => (line.includes(` name=${name} `) ? [line.slice(3, line.indexOf(' '))] : []))
}

/** Closes the connections of all clients; not those of replicas. */
export async function killConnections(server: RedisServer): Promise<void> {
  await server.command('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
}
