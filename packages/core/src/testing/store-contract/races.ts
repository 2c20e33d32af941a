import type { SessionStore, StoredRecord } from '../../record/store.ts'
import { check, checkRecord, checkRefused, liveRecord, storeFirst } from './check.ts'
import type { DefinePromise } from './subject.ts'

export function promisesOfRaces(promise: DefinePromise): void {
  for (const racers of [2, 20]) {
    promise(`of ${racers} puts at once where no record is, exactly one is stored`, async ({ store, key }) => {
      await race(store, key, racers, null)
    })

    promise(`of ${racers} puts at once that expect the same version, exactly one is stored`, async ({ store, key }) => {
      const first = await storeFirst(store, key, liveRecord('one'))
      await race(store, key, racers, first)
    })
  }

  promise('a touch that races a put undoes nothing of it', async ({ store, newKey }) => {
    for (let round = 0; round < 20; round += 1) {
      const key = newKey()
      const first = await storeFirst(store, key, liveRecord('one'))
      const second = liveRecord('two', first.version)
      const [result] = await Promise.all([store.put(key, second, { expected: first.version }), store.touch(key, first.expiresAt + 1)])
      check(result.stored, 'a touch changes no version, so a put beside it still finds the one it expects.', result)
      const found = await store.get(key)
      check(found?.version === second.version, 'touch never brings an older value or version back.', found)
    }
  })
}

async function race(store: SessionStore, key: string, racers: number, first: StoredRecord | null): Promise<void> {
  const expected = first?.version ?? null
  const records = Array.from({ length: racers }, (_, index) => liveRecord(`racer ${index}`, expected))
  const results = await Promise.all(records.map(async (record) => store.put(key, record, { expected })))
  const winners = records.filter((_, index) => results[index]!.stored)
  check(
    winners.length === 1,
    'of puts at once with the same expected version exactly one is stored.',
    `${winners.length} of ${racers} stored`,
  )
  const winner = winners[0]!
  checkRecord(await store.get(key), winner, 'what is there after a race is the record that was stored.')
  for (const result of results) if (!result.stored) checkRefused(result, winner, 'a put that lost a race is not stored.')
}
