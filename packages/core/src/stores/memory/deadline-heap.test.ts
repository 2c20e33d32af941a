import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Expiring } from './deadline-heap.ts'
import { deadlineHeap } from './deadline-heap.ts'

test('the earliest is the earliest, whatever is added, moved and removed', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('add' as const), at: fc.nat(50) }),
    fc.record({ do: fc.constant('move' as const), which: fc.nat(), at: fc.nat(50) }),
    fc.record({ do: fc.constant('remove' as const), which: fc.nat() }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const heap = deadlineHeap<Expiring>()
      const model: Expiring[] = []
      for (const each of steps) {
        const entry = each.do === 'add' ? { expiresAt: each.at, heapIndex: 0 } : model[each.which % model.length]
        if (entry === undefined) continue
        if (each.do === 'add') {
          model.push(entry)
          heap.add(entry)
        } else if (each.do === 'move') {
          entry.expiresAt = each.at
          heap.moved(entry)
        } else {
          model.splice(model.indexOf(entry), 1)
          heap.remove(entry)
        }
        const earliest = model.length === 0 ? undefined : Math.min(...model.map(({ expiresAt }) => expiresAt))
        expect(heap.earliest()?.expiresAt).toBe(earliest)
      }
    }),
  )
})
