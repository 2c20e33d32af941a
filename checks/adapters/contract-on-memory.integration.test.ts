import { memoryStore } from '@holdfast/core/memory'
import { adapterContract } from '@holdfast/core/testing'
import { describe, test } from 'vitest'
import { harnesses } from './harnesses.ts'

// #region contract
for (const [name, serve] of Object.entries(harnesses)) {
  describe(`${name}, on memory`, () => {
    adapterContract({ describe, test }, { serve, makeStore: () => memoryStore() })
  })
}
// #endregion contract
