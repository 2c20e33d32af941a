export { memoryStore } from './stores/memory/memory-store.ts'
export type { MemoryStore, MemoryStoreOptions, MemoryStoreStats } from './stores/memory/memory-store.ts'
