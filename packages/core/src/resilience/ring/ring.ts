import { sessionError } from '../../errors.ts'
import { isEnded, type GetOptions, type StoredRecord } from '../../record/store.ts'
import { publish } from '../../events.ts'
import { hedgeQueue } from '../../waiting/hedge-queue.ts'
import { changeRelay } from './change-relay.ts'
import { membership, type Holders } from './membership.ts'
import type { RingMember } from './ring-member.ts'
import { checkedNodes, checkedRingOptions, type RingNode, type RingOptions, type RingStore } from './ring-options.ts'
import { ringPut } from './ring-put.ts'
import { isNewer, RingRead, unavailable, type RingReadParts } from './ring-read.ts'
import { reportFork, storeNewer } from './store-newer.ts'

/**
 * One store out of several that know nothing of each other, such as servers of Memcached, or independent ones of Redis: sessions are
 * shared out over them, each with as many `copies` as you like.
 *
 * With one copy, a node that dies takes its share of the sessions with it, and nothing else. With two, a node that dies, hangs, comes back
 * empty or with what it had before costs no session, no read and no change, and there is no election to wait for; a session is lost
 * when both of its nodes die before it is next read.
 *
 * Two processes that disagree about which nodes are up may both store a change of the same session: the higher version wins everywhere,
 * and the event `fork` tells. Where that must not be, use one Redis with replicas.
 *
 * Where all nodes that it begins with can tell what is changed, the ring can: each copy that is stored is told, so a change more than once.
 * Of what is changed on a node that comes later and cannot tell, nothing is told.
 *
 * @throws `ERR_OPTION` for nodes or options that are wrong
 * @example
 * const store = ring(
 *   [
 *     { name: 'a', store: redisStore({ url: 'redis://10.0.0.1' }) },
 *     { name: 'b', store: redisStore({ url: 'redis://10.0.0.2' }) },
 *   ],
 *   { copies: 2 },
 * )
 */
export function ring(nodes: readonly RingNode[], options: RingOptions = {}): RingStore {
  const checked = checkedRingOptions(options)
  const first = checkedNodes(nodes)
  const { hedgeAfter, copies, read: readMode, onNodeDown } = checked
  const relay = changeRelay()
  const members = membership(first, checked, relay.join)
  const parts: RingReadParts = { copies, read: readMode, onNodeDown, queue: hedgeQueue(hedgeAfter), seen: members.seen, repair }
  let meeting: Promise<void> | undefined
  let hasMet = false
  let isClosed = false
  let noteUseAt = 0
  let repairs = 0

  /** Runs a call on the holders of its key, once the nodes have said since when they are there. */
  function call<T>(key: string, run: (holders: Holders) => Promise<T>): Promise<T> {
    if (isClosed) return Promise.reject(sessionError('ERR_UNAVAILABLE', 'The ring was closed. Make a new one to go on.'))
    if (!hasMet) return meet().then(() => call(key, run))
    const now = performance.now()
    if (now >= noteUseAt) {
      noteUseAt = now + noteUseEvery
      members.noteUse()
    }
    return run(members.holders(key))
  }

  async function meet(): Promise<void> {
    meeting ??= members.meet()
    await meeting
    hasMet = true
  }

  function read(key: string, getOptions: GetOptions | undefined, holders: Holders): Promise<StoredRecord | null> {
    const [only] = holders.members
    // Its answer is the answer: 6 microseconds of processor time in place of 10.
    if (holders.members.length === 1 && only?.state === 'up') return readOnly(only, key, getOptions)
    return new Promise((resolve, reject) => new RingRead(parts, key, getOptions, holders, resolve, reject).begin())
  }

  async function readOnly({ store }: RingMember, key: string, getOptions: GetOptions | undefined): Promise<StoredRecord | null> {
    const record = await store.get(key, getOptions)
    if (record !== null) members.seen(record.expiresAt)
    return record
  }

  function repair(key: string, newest: StoredRecord, answers: ReadonlyMap<RingMember, StoredRecord | null>): void {
    for (const [member, found] of answers) {
      if (found === newest || member.state !== 'up' || (found !== null && !isNewer(newest, found))) continue
      if (repairs >= mostRepairs || isClosed) return
      repairs += 1
      if (found !== null) reportFork(key, found.version, newest.version)
      publish('repair', () => ({ id: key, node: member.name, found: found?.version ?? null, version: newest.version }))
      const repairing =
        found?.version === newest.version
          ? member.store.touch(key, newest.expiresAt)
          : storeNewer(member, key, newest, found?.version ?? null)
      void repairing.catch(() => {}).finally(() => (repairs -= 1))
    }
  }

  async function touch(key: string, expiresAt: number, holders: Holders): Promise<boolean> {
    members.seen(expiresAt)
    const asked = await Promise.allSettled(reachable(holders).map(({ store }) => store.touch(key, expiresAt)))
    const answers = asked.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
    if (answers.length > 0 && answers.every((hasTouched) => hasTouched)) return true
    // One that has none may have lost it, or may be the one that knows of its end.
    const record = await read(key, undefined, holders)
    return record !== null && !isEnded(record)
  }

  async function remove(key: string, holders: Holders): Promise<void> {
    for (const member of holders.members) member.forget(key)
    await Promise.all(reachable(holders).map(({ store }) => store.delete(key)))
  }

  return {
    answersFromCopies: copies > 1 || first.some(({ store }) => store.answersFromCopies === true),
    get: (key, getOptions) => call(key, (holders) => read(key, getOptions, holders)),
    put: (key, record, putOptions) =>
      call(key, (holders) => {
        members.seen(record.expiresAt)
        return ringPut({ key, record, options: putOptions, holders, ring: checked })
      }),
    touch: (key, expiresAt) => call(key, (holders) => touch(key, expiresAt, holders)),
    delete: (key) => call(key, (holders) => remove(key, holders)),
    setNodes(next) {
      const nextNodes = checkedNodes(next, 'setNodes')
      if (!isClosed) members.change(nextNodes)
    },
    nodes: () => members.status(),
    ...(first.every(({ store }) => store.onChange !== undefined) ? { onChange: relay.onChange } : {}),
    async close() {
      isClosed = true
      relay.close()
      await members.close()
    },
  }
}

/** How many repairs may be under way at once: reads are what the nodes are for. */
const mostRepairs = 64
/** How often each process notes on the nodes that they are in use, in milliseconds. */
export const noteUseEvery = 60_000

/** Those that are up; where none is, those that may be. */
function reachable(holders: Holders): RingMember[] {
  const up = holders.members.filter(({ state }) => state === 'up')
  const able = up.length > 0 ? up : holders.members.filter(({ state }) => state === 'doubtful')
  if (able.length === 0) throw unavailable(holders)
  return able
}
