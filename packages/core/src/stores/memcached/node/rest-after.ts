import { randomInt } from 'node:crypto'

/**
 * How long to wait before the next attempt to connect, in milliseconds: almost not at all after a connection that was good. Then for a
 * while, but not all processes for as long; longer where a person has to act first (a wrong password).
 *
 * @param failures how many attempts have failed since
 */
export function restAfter(failures: number, wasRefused: boolean): number {
  if (failures === 0 && !wasRefused) return randomInt(10)
  const most = wasRefused ? 2_000 : Math.min(20 * failures, 200)
  return Math.ceil(most / 2) + randomInt(most)
}
