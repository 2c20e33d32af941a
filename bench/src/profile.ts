import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRedis } from '@holdfast/testbed'
import { candidatesOf, frameworks, type Framework } from './candidates.ts'
import { load, makeSessions } from './load.ts'
import { kinds, type Kind } from './measure.ts'
import { startServer } from './server-process.ts'

const shown = 40

/** Where the processor time of one kind of request goes, by V8's sampling profiler: parts, then functions. */
export async function profile(what: string, seconds: number): Promise<string> {
  const [framework, kind, variant] = what.split(':') as [Framework, Kind, string]
  const candidate = frameworks.includes(framework) ? candidatesOf([framework], true).find((each) => each.variant === variant) : undefined
  if (candidate === undefined || !kinds.includes(kind))
    throw new Error(`--profile knows no "${what}"; it takes a framework, a kind and a variant, such as hono:read:redis.`)
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-profile-'))
  const redis = await startRedis()
  try {
    const server = await startServer(candidate, redis.url, ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval=250'])
    const cookies = candidate.variant === 'bare' ? ['session=none'] : await makeSessions(server)
    // What compiling costs is not asked for; it is at the beginning.
    await load(server, cookies, `/${kind}`, seconds * 4)
    await server.stop()
    return summary(JSON.parse(readFileSync(join(folder, readdirSync(folder)[0] ?? ''), 'utf8')) as Profile)
  } finally {
    await redis.close()
    rmSync(folder, { recursive: true })
  }
}

/** What V8 writes. */
interface Profile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: { readonly functionName: string; readonly url: string } }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

function summary({ nodes, samples, timeDeltas }: Profile): string {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
  const parts = new Map<string, number>()
  const functions = new Map<string, number>()
  let all = 0
  samples.forEach((id, index) => {
    const frame = frames.get(id)
    const time = timeDeltas[index] ?? 0
    // The last half: compiled by then.
    if (frame === undefined || frame.functionName === '(idle)' || index < samples.length / 2) return
    const part = partOf(frame.functionName, frame.url)
    all += time
    parts.set(part, (parts.get(part) ?? 0) + time)
    const name = `${frame.functionName || 'anonymous'} (${part})`
    functions.set(name, (functions.get(name) ?? 0) + time)
  })
  const lines = (times: Map<string, number>): string =>
    [...times]
      .toSorted(([, one], [, other]) => other - one)
      .slice(0, shown)
      .map(([name, time]) => `${((100 * time) / all).toFixed(1).padStart(5)} %  ${name}`)
      .join('\n')
  return `By part\n${lines(parts)}\n\nBy function\n${lines(functions)}`
}

function partOf(name: string, url: string): string {
  if (name.startsWith('(')) return name.slice(1, -1)
  if (url === '') return 'native'
  if (url.startsWith('node:')) return 'node'
  const [, packageName] = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules)/.exec(url) ?? []
  if (packageName !== undefined) return packageName
  return url.includes('/packages/') ? 'holdfast' : 'bench'
}
