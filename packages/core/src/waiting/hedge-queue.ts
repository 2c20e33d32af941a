/** Calls back what has waited for longer than the delay. All wait equally long, so one timer serves them, in the order of their coming. */
export interface HedgeQueue {
  add(waiting: Waiting): void
  remove(waiting: Waiting): void
}

export interface Waiting {
  /** Set by the queue: `performance.now()`. */
  since: number
  /** Called once, after the delay and one further turn of the event loop, in which an answer that lies in the socket is read. */
  late(): void
}

export function hedgeQueue(delay: number): HedgeQueue {
  const queue = new Set<Waiting>()
  let timer: NodeJS.Timeout | undefined

  function arm(): void {
    const [first] = queue
    timer = first === undefined ? undefined : setTimeout(fire, Math.max(first.since + delay - performance.now(), 1))
  }

  function fire(): void {
    const now = performance.now()
    for (const each of queue) {
      // Timers fire up to a millisecond early.
      if (each.since + delay > now + 1) break
      queue.delete(each)
      setImmediate(callLate, each)
    }
    arm()
  }

  return {
    add(waiting) {
      waiting.since = performance.now()
      queue.add(waiting)
      if (timer === undefined) arm()
    },
    remove: (waiting) => void queue.delete(waiting),
  }
}

function callLate(waiting: Waiting): void {
  waiting.late()
}
