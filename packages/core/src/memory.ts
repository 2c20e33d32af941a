/**
 * Sessions in the memory of one process: for tests, and for servers behind sticky sessions.
 *
 * @module @holdfast/core/memory
 */

export { memoryStore } from './stores/memory/memory-store.ts'
export type { MemoryStore, MemoryStoreOptions, MemoryStoreStats } from './stores/memory/memory-store.ts'
