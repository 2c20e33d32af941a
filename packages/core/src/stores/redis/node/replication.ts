/** What a server says of its part in replication, and when it said so. */
export interface Replication {
  readonly role: 'primary' | 'replica'
  /** Of a replica: whether it hears from its primary. */
  readonly isLinked: boolean
  /** Of a replica: when it last heard from its primary, on the clock of `performance.now()`. */
  readonly heardAt: number
  /** Of a replica: how much of the history it has, in bytes. */
  readonly offset: number
  /** Of a primary: how long ago each of its replicas that has its copy last confirmed what it has, in milliseconds. */
  readonly replicaAges: readonly number[]
  /** The name of the history of changes that it has (`master_replid`), and of the one that this went on from, if it did. */
  readonly history: string | undefined
  readonly formerHistory: string | undefined
  /** `performance.now()` */
  readonly askedAt: number
}

/** Reads the answer to INFO replication. */
export function replicationFrom(info: string, askedAt: number): Replication {
  const lines = new Map(info.split('\r\n').map((line) => line.split(/:(.*)/s, 2) as [string, string]))
  const role = lines.get('role') === 'slave' ? 'replica' : 'primary'
  const secondsAgo = Number(lines.get('master_last_io_seconds_ago') ?? -1)
  const hasWritten = lines.get('master_repl_offset') !== '0'
  const replicaAges = [...lines].flatMap(([name, value]) => {
    const [, offset, lag] = (/^slave\d+$/.test(name) && /\bstate=online,offset=(\d+),lag=(\d+)/.exec(value)) || []
    // One that has confirmed nothing has just got its copy, and is sent nothing more for up to a second.
    return lag === undefined || (offset === '0' && hasWritten) ? [] : [Number(lag) * 1_000]
  })
  return {
    role,
    isLinked: lines.get('master_link_status') === 'up',
    heardAt: secondsAgo < 0 ? -Infinity : askedAt - secondsAgo * 1_000,
    offset: Number(lines.get('slave_repl_offset') ?? 0),
    replicaAges,
    history: lines.get('master_replid'),
    formerHistory: lines.get('master_replid2'),
    askedAt,
  }
}

/** Whether INFO persistence says that the data is still being loaded. */
export function isLoading(info: string): boolean {
  return /^loading:1/m.test(info)
}
