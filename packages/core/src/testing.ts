/**
 * For tests: sessions, clocks and faults, and the contracts to run against a store or an adapter of your own.
 *
 * @module @holdfast/core/testing
 */

export { adapterContract } from './testing/adapter-contract.ts'
export type { ContractAnswer, ContractData, ContractRequest } from './testing/adapter-contract/answers.ts'
export type { AdapterHarness } from './testing/adapter-contract/subject.ts'
export { fakeClock } from './testing/fake-clock.ts'
export { fakeSession } from './testing/fake-session.ts'
export { faultyStore } from './testing/faulty-store.ts'
export { raceContract } from './testing/race-contract.ts'
export { storeContract } from './testing/store-contract.ts'
export type { FakeClock } from './testing/fake-clock.ts'
export type { FakeSession, FakeSessionOptions } from './testing/fake-session.ts'
export type { Fault, FaultyStore, StoreCall } from './testing/faulty-store.ts'
export type { TestRunner } from './testing/test-runner.ts'
