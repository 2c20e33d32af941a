/** A node as the hash sees it. */
export interface Weighted {
  /** The same in every process, and for as long as the node holds what it holds: by it the keys find their nodes. */
  readonly name: string
  /** Its share of the keys, beside those of the others. */
  readonly weight: number
}

/**
 * Nodes in the order in which a key belongs to them: rendezvous hashing (Thaler and Ravishankar, 1998), where each node draws a number for
 * each key and the greatest wins. A node that comes takes its share from all others equally, and one that goes gives its own to all of
 * them; no other key moves. With weights as in Schindelhauer and Schomaker, 2005: -weight / ln(draw).
 */
export function rendezvous<Node extends Weighted>(nodes: readonly Node[]): (key: string) => Node[] {
  const seeds = nodes.map(({ name }) => hash(name, 0))
  const seconds = nodes.map(({ name }) => hash(name, 1))
  return (key) => {
    const low = hash(key, 2)
    const high = hash(key, 3)
    const inOrder: Node[] = []
    const scores: number[] = []
    for (let index = 0; index < nodes.length; index += 1) {
      const node = nodes[index] as Node
      const score = -node.weight / Math.log(draw(low ^ (seeds[index] as number), high ^ (seconds[index] as number)))
      // Put in where it belongs: for the few nodes that there are, quicker than to sort.
      let place = inOrder.length
      for (; place > 0 && (scores[place - 1] as number) < score; place -= 1) {
        inOrder[place] = inOrder[place - 1] as Node
        scores[place] = scores[place - 1] as number
      }
      inOrder[place] = node
      scores[place] = score
    }
    return inOrder
  }
}

/** A number between 0 and 1, neither of both, out of 53 bits. */
function draw(low: number, high: number): number {
  return ((mix(low) >>> 5) * 0x4000000 + (mix(high ^ mix(low)) >>> 6) + 0.5) / 2 ** 53
}

/** 32 bits of a text: FNV-1a, and a finalizer, since similar names differ in few of its bits. */
function hash(text: string, seed: number): number {
  let bits = 0x811c9dc5 ^ Math.imul(seed, 0x9e3779b9)
  for (let index = 0; index < text.length; index += 1) bits = Math.imul(bits ^ text.charCodeAt(index), 0x01000193)
  return mix(bits)
}

/** The finalizer of MurmurHash3: each bit of its input changes half of its output. */
function mix(input: number): number {
  let bits = input
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return bits ^ (bits >>> 16)
}
