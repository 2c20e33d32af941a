import { describe, test } from 'vitest'
import { memoryStore } from '../stores/memory/memory-store.ts'
import { raceContract } from '../testing/race-contract.ts'

raceContract({ describe, test }, () => memoryStore())
