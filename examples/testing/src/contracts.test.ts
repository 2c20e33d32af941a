// #region contracts
import { memoryStore } from '@holdfast/core/memory'
import { raceContract, storeContract } from '@holdfast/core/testing'
import { describe, test } from 'vitest'

storeContract({ describe, test }, () => memoryStore())
raceContract({ describe, test }, () => memoryStore())
// #endregion contracts
