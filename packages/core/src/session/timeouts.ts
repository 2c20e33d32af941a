/** Idle and absolute timeouts, as arithmetic on instants (Unix ms). */
export interface Timeouts {
  /** The deadline of a record that is written or renewed now. */
  deadline(now: number, createdAt: number): number
  /** When a session ends whatever happens. */
  absolute(createdAt: number): number
  /** Whether a record with this deadline is due for renewal. */
  renewalDue(expiresAt: number, now: number, createdAt: number): boolean
  /** The latest deadline that any copy of a live record can have been given by now. */
  latest(now: number): number
}

// Renewing on every request would make each read a write as well. A record lives longer by what the throttle leaves
// out, so that the idle timeout is never shorter than asked.
const throttleShare = 1 / 10

/**
 * `strict`: no throttle, so that the idle timeout is never longer than asked either (what NIST's AAL2 and AAL3 want), for one
 * write a request.
 */
export function timeouts(idleTimeout: number, absoluteTimeout: number, strict: boolean): Timeouts {
  const throttle = strict ? 0 : Math.floor(idleTimeout * throttleShare)
  const lifetime = idleTimeout + throttle
  const absolute = (createdAt: number): number => createdAt + absoluteTimeout
  // Whole milliseconds: what a store's server calls an integer.
  const deadline = (now: number, createdAt: number): number => Math.floor(Math.min(now + lifetime, absolute(createdAt)))
  return {
    deadline,
    absolute,
    // Against the deadline that a renewal would give without the absolute limit: near that, too, idle is never shorter than asked.
    renewalDue: (expiresAt, now, createdAt) => expiresAt < deadline(now, createdAt) && now + lifetime - expiresAt > throttle,
    latest: (now) => now + lifetime,
  }
}
