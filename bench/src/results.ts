import { readFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { join } from 'node:path'
import type { Options } from './options.ts'
import { median, ratiosOf, type Ratio } from './ratios.ts'
import type { Series } from './measure.ts'
import { canPin } from './pinned.ts'

/** What one run has shown, and how it was measured. */
export interface Results {
  readonly measuredAt: string
  readonly how: Readonly<Record<string, string | number | boolean>>
  readonly versions: Readonly<Record<string, string>>
  readonly ratios: readonly Ratio[]
  readonly series: readonly Row[]
  readonly bytesPerSession: Readonly<Record<string, number>>
}

/** One kind of request to one candidate. */
export interface Row {
  readonly framework: string
  readonly name: string
  readonly kind: string
  /** Microseconds of processor time of the server, a request: median, least and most of the rounds, and the median of the kernel's share. */
  readonly cpu: { readonly median: number; readonly least: number; readonly most: number; readonly kernel: number }
  readonly requestsPerSecond: number
  /** Of all rounds that count. */
  readonly requests: number
  readonly commandsPerRequest: number
  readonly lostChanges: number | undefined
}

export function resultsOf(
  all: readonly Series[],
  bytesPerSession: Readonly<Record<string, number>>,
  { rounds, seconds }: Options,
  { sessionBytes, repeated }: { readonly sessionBytes: number; readonly repeated: number },
): Results {
  return {
    measuredAt: new Date().toISOString().slice(0, 10),
    how: {
      command: 'npm run bench',
      node: process.version,
      processor: cpus()[0]?.model ?? 'unknown',
      cores: availableParallelism(),
      pinned: canPin,
      rounds,
      seconds,
      repeated,
      connections: 64,
      sessions: 200,
      sessionBytes,
    },
    versions: versions(),
    ratios: ratiosOf(all),
    series: all.map(rowOf),
    bytesPerSession,
  }
}

function rowOf({ candidate, kind, cpu, requestsPerSecond, requests, commands, lost }: Series): Row {
  const all = cpu.map((each) => each.all)
  return {
    framework: candidate.framework,
    name: candidate.name,
    kind,
    cpu: { median: median(all), least: Math.min(...all), most: Math.max(...all), kernel: median(cpu.map(({ kernel }) => kernel)) },
    requestsPerSecond: median(requestsPerSecond),
    requests,
    commandsPerRequest: commands,
    lostChanges: lost,
  }
}

const measured = ['hono', '@hono/node-server', 'koa', 'express', 'fastify', '@nestjs/core', 'ioredis']

function versions(): Record<string, string> {
  const peers = Object.entries(dependenciesOf(join(import.meta.dirname, '../peers/package.json')))
  const ours = Object.entries(dependenciesOf(join(import.meta.dirname, '../package.json'))).filter(([name]) => measured.includes(name))
  return Object.fromEntries([...ours, ...peers].toSorted(([one], [other]) => one.localeCompare(other)))
}

function dependenciesOf(file: string): Record<string, string> {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, string> | undefined>
  return { ...dependencies, ...devDependencies }
}
