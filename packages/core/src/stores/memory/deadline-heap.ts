/** What can stand in a heap: it knows when it is due, and where it stands. */
export interface Expiring {
  /** Unix ms. After a change call `moved`. */
  expiresAt: number
  /** Kept by the heap. */
  heapIndex: number
}

/** Finds what expires first, in logarithmic time a change and with one slot an entry: a binary heap whose entries know their slot. */
export interface DeadlineHeap<Entry extends Expiring> {
  earliest(): Entry | undefined
  add(entry: Entry): void
  remove(entry: Entry): void
  /** Call after its `expiresAt` has changed. */
  moved(entry: Entry): void
  clear(): void
}

export function deadlineHeap<Entry extends Expiring>(): DeadlineHeap<Entry> {
  const entries: Entry[] = []

  function place(entry: Entry, index: number): void {
    entries[index] = entry
    entry.heapIndex = index
  }

  function rise(entry: Entry): void {
    let index = entry.heapIndex
    while (index > 0) {
      const parentIndex = (index - 1) >> 1
      const parent = entries[parentIndex] as Entry
      if (parent.expiresAt <= entry.expiresAt) break
      place(parent, index)
      index = parentIndex
    }
    place(entry, index)
  }

  function sink(entry: Entry): void {
    let index = entry.heapIndex
    for (;;) {
      let childIndex = 2 * index + 1
      let child = entries[childIndex]
      const right = entries[childIndex + 1]
      if (child !== undefined && right !== undefined && right.expiresAt < child.expiresAt) {
        child = right
        childIndex += 1
      }
      if (child === undefined || child.expiresAt >= entry.expiresAt) break
      place(child, index)
      index = childIndex
    }
    place(entry, index)
  }

  function moved(entry: Entry): void {
    rise(entry)
    sink(entry)
  }

  return {
    earliest: () => entries[0],
    add(entry) {
      entry.heapIndex = entries.length
      entries.push(entry)
      rise(entry)
    },
    remove(entry) {
      const last = entries.pop() as Entry
      if (last === entry) return
      place(last, entry.heapIndex)
      moved(last)
    },
    moved,
    clear() {
      entries.length = 0
    },
  }
}
