import { fileURLToPath } from 'node:url'

/** `bare`: no session at all. `floor`: the least that one in Redis can cost. `near`: Redis behind a near cache. `peer`: another library's. */
export type Variant = 'bare' | 'floor' | 'redis' | 'memory' | 'near' | 'peer'

/** One server to measure. */
export interface Candidate {
  readonly framework: Framework
  /** What stands in the table. */
  readonly name: string
  readonly variant: Variant
  /** The module that serves it. */
  readonly file: string
  /** Whether its sessions are in Redis. */
  readonly usesRedis: boolean
}

export const frameworks = ['node', 'hono', 'koa', 'express', 'fastify', 'nest'] as const
export type Framework = (typeof frameworks)[number]

/** How the table names them. */
export const frameworkNames: Readonly<Record<Framework, string>> = {
  node: 'node:http',
  hono: 'Hono',
  koa: 'Koa',
  express: 'Express',
  fastify: 'Fastify',
  nest: 'Nest on Express',
}

const ours: readonly (readonly [Variant, string])[] = [
  ['bare', 'bare'],
  ['floor', 'floor (ioredis)'],
  ['redis', 'Holdfast on Redis'],
  ['memory', 'Holdfast on memory'],
  ['near', 'Holdfast on Redis, near cache'],
]

/** The other libraries, each on the framework that it is made for. */
const peers: Readonly<
  Partial<Record<Framework, readonly { readonly name: string; readonly file: string; readonly usesRedis: boolean }[]>>
> = {
  node: [{ name: 'iron-session (in the cookie)', file: 'iron-session', usesRedis: false }],
  hono: [{ name: 'hono-sessions', file: 'hono-sessions', usesRedis: true }],
  koa: [{ name: 'koa-session', file: 'koa-session', usesRedis: true }],
  express: [{ name: 'express-session + connect-redis', file: 'express-session', usesRedis: true }],
  fastify: [{ name: '@fastify/session', file: 'fastify-session', usesRedis: true }],
}

/** All that is measured for these frameworks. */
export function candidatesOf(chosen: readonly Framework[], withPeers: boolean): Candidate[] {
  return chosen.flatMap((framework) => [
    ...ours.map(([variant, name]): Candidate => {
      const file = path(`servers/${framework === 'node' ? 'node-http' : framework}.mjs`)
      return { framework, name, variant, file, usesRedis: variant !== 'bare' && variant !== 'memory' }
    }),
    ...(withPeers ? (peers[framework] ?? []) : []).map(({ name, file, usesRedis }): Candidate => ({
      framework,
      name,
      variant: 'peer',
      file: path(`../peers/${file}.mjs`),
      usesRedis,
    })),
  ])
}

function path(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url))
}
