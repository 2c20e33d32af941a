import { readFile } from 'node:fs/promises'
import type { MemcachedStore } from '@holdfast/core/memcached'

// #region reload
/** Reads the servers from a file again on each SIGHUP, an address a line. Answers how to stop. */
export function reloadNodes(store: MemcachedStore, path: string): () => void {
  async function reload(): Promise<void> {
    const lines = (await readFile(path, 'utf8')).split('\n').map((line) => line.trim())
    store.setNodes(lines.filter((line) => line !== ''))
  }
  const hangUp = (): void => {
    // A list that is wrong changes nothing.
    reload().catch((error: Error) => console.error(`The servers stay as they were. ${error.message}`))
  }
  process.on('SIGHUP', hangUp)
  return () => void process.off('SIGHUP', hangUp)
}
// #endregion reload
