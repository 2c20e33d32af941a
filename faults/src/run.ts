import { startMemcached, startRedis } from '@holdfast/testbed'
import type { Fault, System } from './fault.ts'
import type { Options } from './options.ts'
import { faultResult, ioredisBeside, notRunHere, outcomeOf, versions, type FaultResult, type Results } from './results.ts'
import { runFault } from './run-fault.ts'
import type { RunReport } from './run-report.ts'

/** Puts the stores through each fault, round by round, and what stands beside them, with its defaults, through the same. */
export async function run(options: Options, progress: (text: string) => void): Promise<Results> {
  const { form, rounds } = options
  const faults: FaultResult[] = []
  for (const fault of options.faults) {
    const result = await runRounds(fault, options, progress)
    faults.push(result)
    progress(`${fault.id}: ${outcomeOf(result)}`)
  }
  return {
    measuredAt: new Date().toISOString().slice(0, 10),
    how: { command: 'npm run faults', form, rounds },
    versions: versions({ redis: await redisVersion(), memcached: await memcachedVersion() }),
    faults,
  }
}

async function runRounds(fault: Fault, options: Options, progress: (text: string) => void): Promise<FaultResult> {
  const { form, rounds, plain } = options
  const obstacle = await fault.obstacle?.()
  if (obstacle !== undefined) return notRunHere(fault, obstacle)
  const runs: Partial<Record<System, RunReport[]>> = {}
  const errors: string[] = []
  for (let round = 1; round <= rounds; round += 1) {
    // Nothing is judged of what stands beside: once says what it is like.
    const systems: readonly System[] = plain && round === 1 ? ['holdfast', ...(fault.beside ?? ioredisBeside)] : ['holdfast']
    for (const system of systems) {
      progress(`${fault.id}, ${fault.title}: round ${round} of ${rounds}, ${system}`)
      try {
        ;(runs[system] ??= []).push(await runFault(fault, system, form))
      } catch (error) {
        // The other faults are worth knowing all the same.
        errors.push(`${system}: ${(error as Error).message}`)
        progress(errors.at(-1)!)
      }
    }
  }
  return faultResult(fault, runs, errors)
}

async function redisVersion(): Promise<string> {
  const redis = await startRedis()
  try {
    return /redis_version:(\S+)/.exec(String(await redis.command('INFO', 'server')))?.[1] ?? 'unknown'
  } finally {
    await redis.close()
  }
}

async function memcachedVersion(): Promise<string> {
  const memcached = await startMemcached()
  try {
    return (await memcached.stats())['version'] ?? 'unknown'
  } finally {
    await memcached.close()
  }
}
