import type { Place, ShardView } from './cluster-view.ts'
import { slotCount } from './key-slot.ts'

/** Who has some slots, by all that is known. */
export interface SlotOwner {
  readonly primary: Place
  readonly replicas: readonly Place[]
  readonly epoch: number
}

/**
 * The owner of each slot, out of the views of several nodes: the one that claims it with the greatest epoch, whichever view says so. Its
 * replicas are those that any view names: a node leaves out one that it has not heard of lately.
 */
export function slotMap(views: Iterable<readonly ShardView[]>): readonly (SlotOwner | undefined)[] {
  const owners = new Map<string, SlotOwner & { replicas: Place[] }>()
  const slots: (SlotOwner | undefined)[] = Array.from({ length: slotCount }, () => undefined)
  for (const { primary, replicas, epoch, slots: ranges } of [...views].flat()) {
    const name = `${primary.host} ${primary.port} ${epoch}`
    const owner = owners.get(name) ?? { primary, replicas: [], epoch }
    owners.set(name, owner)
    for (const replica of replicas)
      if (!owner.replicas.some(({ host, port }) => host === replica.host && port === replica.port)) owner.replicas.push(replica)
    for (const [first, last] of ranges)
      for (let slot = first; slot <= last; slot++) if ((slots[slot]?.epoch ?? -1) < epoch) slots[slot] = owner
  }
  return slots
}
