import { describe, test } from 'vitest'
import { storeContract } from '../../testing/store-contract.ts'
import { memoryStore } from './memory-store.ts'

storeContract({ describe, test }, () => memoryStore())
