/** How a node is started: by its environment. */
export interface Settings {
  /** `NODE_NAME`, as the load balancer's configuration has it. */
  readonly node: string
  /** `PORT`; default 3000. */
  readonly port: number
  /** `STORE`: `local`, `shared`, `near` or `backup`. */
  readonly store: string
  /** `REDIS_URL`, for all but `local`. */
  readonly redisUrl: string
  /** `SESSION_SECRET`, the same on every node. */
  readonly secret: string | undefined
  /** `AFFINITY`, seconds for which a browser stays bound to a node; default 8 hours. */
  readonly affinitySeconds: number
  /** `NOTICED`, milliseconds that the balancer takes to notice a health check that fails; default 3000. */
  readonly noticed: number
}

export function readSettings(env: NodeJS.ProcessEnv): Settings {
  return {
    node: env['NODE_NAME'] ?? 'a',
    port: Number(env['PORT'] ?? 3000),
    store: env['STORE'] ?? 'local',
    redisUrl: env['REDIS_URL'] ?? 'redis://localhost:6379',
    secret: env['SESSION_SECRET'],
    affinitySeconds: Number(env['AFFINITY'] ?? 8 * 60 * 60),
    noticed: Number(env['NOTICED'] ?? 3_000),
  }
}
