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
  restartsEmpty,
  everythingDown,
  sentinelsDead,
  switchWhileConnecting,
  manyFailovers,
]
