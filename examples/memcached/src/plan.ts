import { planFleet } from '@holdfast/core/planning'

// #region plan
/** How many servers of 2 GiB for two million sessions, each on two of them. */
export const plan = planFleet({
  engine: 'memcached',
  sessions: 2_000_000,
  bytesPerSession: 700,
  requestsPerSecond: 30_000,
  nodeMemoryBytes: 2 * 1024 ** 3,
  copies: 2,
})
// #endregion plan
