const atOnce = 20

/** Does something so many times, a batch at once. */
export async function inBatches(count: number, each: (at: number) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < count; at += atOnce) {
    await Promise.all(Array.from({ length: Math.min(atOnce, count - at) }, (_, one) => each(at + one)))
  }
}
