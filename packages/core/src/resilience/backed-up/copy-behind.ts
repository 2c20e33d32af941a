import { isSessionError } from '../../errors.ts'
import type { PutResult, StoredRecord } from '../../record/store.ts'
import { askedNow, doubt, isNotThere } from './copies.ts'
import { settle, type Pair } from './pair.ts'
import { mayBeThere } from './put.ts'
import type { Waiting } from './uncopied.ts'

/** So often the backup may be found to have something that ours goes over, such as our own of which there was no answer. */
const mostAttempts = 4

/** Copies what waits of one session to the backup. Answers false where that does not answer, or takes no changes. */
export async function copyBehind(pair: Pair, key: string): Promise<boolean> {
  try {
    await pair.lanes.run(key, async () => {
      for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
        const waiting = pair.uncopied.get(key)
        if (waiting === undefined) return
        const { record } = waiting
        if (record === undefined) return copyDeadline(pair, key, waiting.expiresAt)
        if (await copyRecord(pair, key, record, waiting)) return
      }
    })
    return true
  } catch (error) {
    return isSessionError(error) && error.status !== 503
  }
}

/** Answers whether the newest is there. */
async function copyRecord(pair: Pair, key: string, newest: StoredRecord, { expiresAt, inDoubt }: Waiting): Promise<boolean> {
  const { backup, copies, uncopied, turns } = pair
  const copy = copies.of(key)
  const record = inDoubt ?? { ...newest, expiresAt }
  const over = copy.backup ?? null
  const asked = askedNow(copy)
  doubt(copy, record.version)
  uncopied.sending(key, record)
  let result: PutResult
  try {
    result = await backup.put(key, record, over)
  } catch (error) {
    const isInDoubt = inDoubt !== undefined || mayBeThere(error)
    if (!isInDoubt) isNotThere(copy, record.version)
    uncopied.failed(key, isInDoubt)
    throw error
  }
  if (!result.stored) {
    const { current } = result
    isNotThere(copy, record.version)
    uncopied.failed(key, false)
    await turns.run(key, () => settle(pair, key, current, asked))
    return false
  }
  copies.confirm(key, asked)
  copy.news += 1
  // A read may have found something newer meanwhile.
  if ((copy.backup ?? null) === over) {
    copy.backup = record.version
    copy.doubts = []
  }
  uncopied.copied(key, record.version, record.expiresAt)
  return inDoubt === undefined
}

async function copyDeadline(pair: Pair, key: string, expiresAt: number): Promise<void> {
  const { backup, copies, uncopied, turns } = pair
  uncopied.sending(key, null)
  let isLive: boolean
  try {
    isLive = await backup.touch(key, expiresAt)
  } catch (error) {
    uncopied.failed(key, false)
    throw error
  }
  uncopied.copied(key, null, expiresAt)
  if (isLive) return
  // It was ended on another node, or the backup has lost it.
  const copy = copies.of(key)
  copies.unconfirm(copy)
  const asked = askedNow(copy)
  const theirs = await backup.get(key, { fresh: true })
  await turns.run(key, () => settle(pair, key, theirs, asked))
}
