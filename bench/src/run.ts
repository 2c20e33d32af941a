import { setTimeout as sleep } from 'node:timers/promises'
import { startRedis, type RedisServer } from '@holdfast/testbed'
import { candidatesOf, type Framework } from './candidates.ts'
import { kinds, measureSlice, subjectOf, type Series, type Subject } from './measure.ts'
import { memoryPerSession } from './memory-per-session.ts'
import type { Options } from './options.ts'
import { cores, pin } from './pinned.ts'
import { resultsOf, type Results } from './results.ts'
import { startServer } from './server-process.ts'

/** Measures all that the options name, one slice after the other. */
export async function run(options: Options, progress: (text: string) => void): Promise<Results> {
  const redis = await startRedis()
  try {
    pin(cores.rest, redis.pid)
    pin(cores.rest, process.pid)
    const series: Series[] = []
    let sessionBytes = 0
    let repeated = 0
    for (const [index, framework] of options.frameworks.entries()) {
      const measured = await measureFramework(framework, redis, options, (text) =>
        progress(`${index + 1} of ${options.frameworks.length} frameworks, ${text}`),
      )
      series.push(...measured.series)
      sessionBytes = measured.sessionBytes
      repeated += measured.repeated
    }
    progress('memory of a session')
    const bytes: Record<string, number> = { Holdfast: await memoryPerSession('holdfast') }
    if (options.peers) bytes['express-session MemoryStore'] = await memoryPerSession('express-session')
    return resultsOf(series, bytes, options, { sessionBytes, repeated })
  } finally {
    await redis.close()
  }
}

/** What was measured of one framework. */
interface Measured {
  readonly series: readonly Series[]
  readonly sessionBytes: number
  /** How many slices were measured again. */
  readonly repeated: number
}

/**
 * Only its servers run meanwhile: ratios are taken within a framework, and with the forty of all frameworks at rest beside the one that is asked
 * they spread too far to say anything (measured).
 */
async function measureFramework(
  framework: Framework,
  redis: RedisServer,
  options: Options,
  progress: (text: string) => void,
): Promise<Measured> {
  const subjects: Subject[] = []
  try {
    for (const candidate of candidatesOf([framework], options.peers)) {
      progress(`starting ${candidate.framework}, ${candidate.name}`)
      subjects.push(await subjectOf(await startServer(candidate, redis.url)))
    }
    const repeated = await rounds(subjects, redis, options, progress)
    const series = subjects.flatMap((subject) => [...subject.series.values()])
    return { series, sessionBytes: subjects[0]?.server.bytes ?? 0, repeated }
  } finally {
    await Promise.allSettled(subjects.map(({ server }) => server.stop()))
  }
}

// How often a slice is measured again because requests failed: a machine that stalls for longer than a store may take is no measure.
const mostRepeats = 3

// Milliseconds until what was asked for in a slice that failed is through: its commits are tried again for 2 s, and would count as the next one's.
const settleWithin = 5_000

/** In turn, so that a machine which gets busier or hotter does so for all of them. Answers how many slices were measured again. */
async function rounds(
  subjects: readonly Subject[],
  redis: RedisServer,
  options: Options,
  progress: (text: string) => void,
): Promise<number> {
  const first = options.warmUp ? 0 : 1
  const slices = (options.rounds + 1 - first) * kinds.length * subjects.length
  let done = 0
  let repeated = 0
  for (let round = first; round <= options.rounds; round += 1) {
    for (const kind of kinds) {
      for (const subject of subjects) {
        const { framework, name } = subject.server.candidate
        const left = Math.ceil(((slices - done) * (options.seconds + 0.5)) / 60)
        const what = round === 0 ? 'warming up' : `round ${round} of ${options.rounds}`
        progress(`${what}: ${kind}, ${framework}, ${name} (${left} min left)`)
        for (let attempt = 0; ; attempt += 1) {
          const failed = await measureSlice(subject, kind, redis, options.seconds, round === 0)
          if (failed === 0) break
          const where = `${failed} requests failed (${framework}, ${name}, ${kind})`
          if (attempt === mostRepeats) throw new Error(`${where}, and some each time before: that is no accident.`)
          progress(`${where}: once more`)
          repeated += 1
          await sleep(settleWithin)
        }
        done += 1
      }
    }
  }
  return repeated
}
