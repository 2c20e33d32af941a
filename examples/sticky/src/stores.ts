import type { SessionStore } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'

/** Where a node keeps its sessions, by the name that `STORE` has. */
export const stores: Readonly<Record<string, (redisUrl: string) => SessionStore>> = {
  local: () => onlyHere(),
}

// #region local
/** In this process, and nowhere else: the fastest there is, and gone with it. */
export function onlyHere(): SessionStore {
  return memoryStore()
}
// #endregion local
