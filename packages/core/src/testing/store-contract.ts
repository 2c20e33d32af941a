import type { SessionStore } from '../record/store.ts'
import { definePromises } from './define-promises.ts'
import { promisesOfBytes } from './store-contract/bytes.ts'
import { promisesOfChanges } from './store-contract/changes.ts'
import { promisesOfDeadlines } from './store-contract/deadlines.ts'
import { promisesOfEnding } from './store-contract/ending.ts'
import { promisesOfGet } from './store-contract/get.ts'
import { promisesOfPut } from './store-contract/put.ts'
import { promisesOfRaces } from './store-contract/races.ts'
import { promisesOfTheRest } from './store-contract/rest.ts'
import { openSubject } from './store-contract/subject.ts'
import { promisesOfTouch } from './store-contract/touch.ts'
import type { TestRunner } from './test-runner.ts'

/**
 * Every promise of `SessionStore`, as tests; a failure says in words which one is broken. `makeStore` is called for
 * each test; the store is closed after it, and the keys that were used, new ones in each run, are deleted. Run it
 * against real clocks and a real backend: it takes some two seconds.
 *
 * @example
 * import { describe, test } from 'vitest'
 * import { storeContract } from '@holdfast/core/testing'
 *
 * storeContract({ describe, test }, () => postgresStore({ connectionString }))
 */
export function storeContract(runner: TestRunner, makeStore: () => SessionStore | Promise<SessionStore>): void {
  const promise = definePromises(runner, () => openSubject(makeStore))
  runner.describe('the contract of SessionStore', () => {
    promisesOfGet(promise)
    promisesOfPut(promise)
    promisesOfRaces(promise)
    promisesOfEnding(promise)
    promisesOfTouch(promise)
    promisesOfDeadlines(promise)
    promisesOfBytes(promise)
    promisesOfChanges(promise)
    promisesOfTheRest(promise)
  })
}
