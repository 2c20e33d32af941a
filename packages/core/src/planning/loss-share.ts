/**
 * The share of the sessions that are lost when so many of the nodes die at once: those that have all their copies there. Rendezvous
 * hashing gives every set of owners as many sessions as every other, so it is C(dead, copies) / C(nodes, copies), whichever nodes die.
 */
export function lossShare(nodes: number, copies: number, dead: number): number {
  let share = 1
  for (let copy = 0; copy < copies; copy++) share *= Math.max(Math.min(dead, nodes) - copy, 0) / (nodes - copy)
  return share
}

/**
 * The share of the sessions that have a copy on a node that comes to so many others: that copy is written there once, and one of the old
 * owners is no owner any more. Those sessions are `copies` / (nodes + 1) of all, and no copy moves between the nodes that were there.
 */
export function movedShare(nodes: number, copies: number): number {
  return Math.min(copies, nodes + 1) / (nodes + 1)
}
