import type { GetOptions, StoredRecord } from '../../record/store.ts'
import { askedNow, mayHaveEnded, type Copy } from './copies.ts'
import { here, settle, type Pair } from './pair.ts'

/** So many news of one session while it is asked for are more than it has; then the last answer counts. */
const mostQuestions = 4

/** Reads of what is not here, or has to be compared with the backup. */
export interface Reads {
  read(key: string, options: GetOptions | undefined): Promise<StoredRecord | null>
}

/** `maySpare`: answers whether the backup was silent just now, so that nobody has to wait for it who has something to go on with. */
export function reads(pair: Pair, isFromAuthority: (options: GetOptions) => boolean, maySpare: () => boolean): Reads {
  const { backup, copies, turns } = pair
  /** Reads under way that others may share. */
  const shared = new Map<string, Promise<StoredRecord | null>>()

  async function ask(key: string, options: GetOptions | undefined): Promise<StoredRecord | null> {
    for (let question = 1; ; question += 1) {
      const copy = copies.of(key)
      const asked = askedNow(copy)
      const ours = await willDo(key, options)
      if (ours !== null && (isConfirmed(copy) || (!mayHaveEnded(copy) && maySpare()))) return ours
      // To be compared, it has to be what the authority has; where nothing is here, a replica's answer is better than none.
      const askFor: GetOptions = { atLeast: options?.atLeast, fresh: options?.fresh === true || ours !== null }
      let theirs: StoredRecord | null
      try {
        theirs = await backup.get(key, askFor)
      } catch (error) {
        const instead = await willDo(key, options)
        if (instead === null || mayHaveEnded(copy)) throw error
        return instead
      }
      const isLast = question === mostQuestions
      const answer = await turns.run(key, async () => {
        // It was overtaken by a change: what it says may have been before that.
        if (copy.news !== asked.news && !isLast) return undefined
        const record = await settle(pair, key, theirs, isFromAuthority(askFor) ? asked : undefined)
        return { record }
      })
      if (answer !== undefined) return answer.record
    }
  }

  /** The local copy, where it is an answer. */
  async function willDo(key: string, options: GetOptions | undefined): Promise<StoredRecord | null> {
    if (options?.fresh === true) return null
    const record = await here(pair, key)
    return satisfies(record, options) ? record : null
  }

  return {
    async read(key, options) {
      if (options?.fresh === true) return ask(key, options)
      const other = shared.get(key)
      if (other === undefined) {
        const own = ask(key, options).finally(() => shared.delete(key))
        shared.set(key, own)
        return own
      }
      try {
        const record = await other
        if (options?.atLeast === undefined || satisfies(record, options)) return record
      } catch (error) {
        const instead = await willDo(key, options)
        if (instead === null || mayHaveEnded(copies.of(key))) throw error
        return instead
      }
      return ask(key, options)
    },
  }
}

export function isConfirmed({ confirmedUntil }: Copy): boolean {
  return performance.now() < confirmedUntil
}

/** Somebody's own local store may say undefined for null. */
export function satisfies(
  record: StoredRecord | null | undefined,
  options: Pick<GetOptions, 'atLeast'> | undefined,
): record is StoredRecord {
  return record !== null && record !== undefined && (options?.atLeast === undefined || record.version >= options.atLeast)
}
