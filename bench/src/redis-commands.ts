import type { RedisServer } from '@holdfast/testbed'

/** How often Redis has run each command, by its own count. */
export type CommandCounts = Readonly<Record<string, number>>

/** What looks at the server itself, or is said once a connection or once a second. */
const notCounted = new Set([
  'info',
  'config|resetstat',
  'config',
  'ping',
  'time',
  'hello',
  'client|setname',
  'client|setinfo',
  'client',
  'select',
  'subscribe',
])

export async function resetCommands(redis: RedisServer): Promise<void> {
  await redis.command('CONFIG', 'RESETSTAT')
}

/** The commands since the last reset that clients sent; not those that a script calls. */
export async function commandsSent(redis: RedisServer): Promise<CommandCounts> {
  const counts: Record<string, number> = {}
  const text = String(await redis.command('INFO', 'commandstats'))
  for (const [, name = '', calls] of text.matchAll(/cmdstat_([^:]+):calls=(\d+)/g)) if (!notCounted.has(name)) counts[name] = Number(calls)
  // Within a script, for each of its calls.
  if (counts.evalsha !== undefined)
    for (const inner of ['getrange', 'set', 'strlen', 'setrange', 'pexpireat', 'publish']) delete counts[inner]
  return counts
}

export function total(counts: CommandCounts): number {
  return Object.values(counts).reduce((sum, each) => sum + each, 0)
}
