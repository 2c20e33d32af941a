import type { Fault } from '../fault.ts'
import { primaryKilled } from './f01-primary-killed.ts'
import { primaryHangs, zombieReturns } from './f02-primary-hangs.ts'
import { clusterPrimaryKilled } from './f04-cluster-primary-killed.ts'
import { partitions } from './f05-partition.ts'
import { halfOpen } from './f06-half-open.ts'
import { repliesSwallowed, replyCut, replyStalled } from './f07-broken-replies.ts'
import { slowPrimary } from './f10-slow-primary.ts'
import { replicaPaused } from './f12-replica-paused.ts'
import { replicaLoads } from './f13-replica-loads.ts'
import { outOfMemory } from './f14-out-of-memory.ts'
import { primaryDemoted } from './f15-primary-demoted.ts'
import { passwordChanged } from './f16-password-changed.ts'
import { scriptRuns } from './f17-script-runs.ts'
import { restartsEmpty } from './f19-restarts-empty.ts'
import { everythingDown } from './f20-everything-down.ts'
import { sentinelsDead } from './f21-sentinels-dead.ts'
import { switchWhileConnecting } from './f22-switch-while-connecting.ts'
import { manyFailovers } from './f23-many-failovers.ts'
import { nodeKilled, ringedRedisKilled } from './f25-node-killed.ts'
import { nodeHangs, ringedRedisHangs } from './f26-node-hangs.ts'
import { nodeRestartsEmpty } from './f27-node-restarts-empty.ts'
import { twoNodesKilled } from './f28-two-nodes-killed.ts'
import { nodesChange } from './f29-nodes-change.ts'
import { evictions } from './f30-evictions.ts'
import { nodesReturn } from './f31-node-returns-old.ts'
import { longTimeouts } from './f33-timeouts.ts'
import { oddKeysRefused } from './f41-odd-keys.ts'
import { nearCacheFaults } from './f46-near-caches.ts'
import { lonelyCopyKilled } from './f50-lonely-copy-killed.ts'

/** Every fault that the stores are put through, in the order of their numbers. */
export const faults: readonly Fault[] = [
  primaryKilled,
  primaryHangs,
  zombieReturns,
  clusterPrimaryKilled,
  ...partitions,
  halfOpen,
  replyCut,
  replyStalled,
  repliesSwallowed,
  slowPrimary,
  replicaPaused,
  replicaLoads,
  outOfMemory,
  primaryDemoted,
  passwordChanged,
  scriptRuns,
  ...restartsEmpty,
  everythingDown,
  sentinelsDead,
  switchWhileConnecting,
  manyFailovers,
  nodeKilled,
  ringedRedisKilled,
  nodeHangs,
  ringedRedisHangs,
  nodeRestartsEmpty,
  twoNodesKilled,
  nodesChange,
  ...evictions,
  ...nodesReturn,
  longTimeouts,
  oddKeysRefused,
  ...nearCacheFaults,
  lonelyCopyKilled,
]
