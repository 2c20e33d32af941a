import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel'

/** What goes on, for operators. Ids are the public ids of sessions; nothing secret is in any event. */
export interface SessionEvents {
  /**
   * A session was loaded, or could not be. `outcome` is that of the session, or `failed`, with the error; `id` is undefined
   * without a cookie that verifies. `took` in milliseconds.
   */
  load: { readonly id: string | undefined; readonly outcome: string; readonly took: number; readonly error?: Error | undefined }
  /** A commit that had something to do, done or failed. `took` in milliseconds; `conflicts`: how often it met a newer record. */
  commit: {
    readonly id: string
    readonly action: 'create' | 'change' | 'touch' | 'regenerate' | 'destroy'
    readonly took: number
    readonly conflicts: number
    readonly error?: Error | undefined
  }
  /** A commit met a record of another version than it expected (null: none), and goes on from that one. */
  conflict: { readonly id: string; readonly expected: string | null; readonly found: string | null }
  /** Two requests changed the same top-level key: the later one won, or failed with `ERR_CONFLICT`. */
  overlap: { readonly id: string; readonly key: string; readonly resolution: 'last-wins' | 'fail' }
  /** Data was changed after the answer's commit: that change is lost. */
  'late-change': { readonly id: string }
  /** A good cookie without a record: evicted, or lost with a node. */
  missing: { readonly id: string; readonly at: 'load' | 'commit' }
  /** A request met a session that had been ended. */
  ended: { readonly id: string; readonly at: 'load' | 'commit' }
  /** The client sent several cookies of our name that verify; the first was taken. */
  'duplicate-cookie': { readonly id: string; readonly count: number }
  /** A record could not be read, and the session counts as `invalid`. */
  'bad-record': { readonly id: string; readonly error: Error }
  /**
   * The cookie proves a version that the authority no longer has: `changes` acknowledged changes, at least one, were lost, as
   * a failover to a replica that was behind loses them. The session goes on from what was `found`.
   */
  'lost-change': { readonly id: string; readonly expected: string; readonly found: string; readonly changes: number }
  /** A change that should have been on a replica too was accepted by the primary alone, since no replica keeps up. `node` is `host:port`. */
  'not-replicated': { readonly node: string }
  /**
   * A read was sent to `instead`, beside `node` while that is `slow`, or in its place while it is `silent` or `down`. Both are
   * `host:port`.
   */
  hedge: { readonly node: string; readonly instead: string; readonly because: 'slow' | 'silent' | 'down' }
  /** Another server takes the changes now. Both are `host:port`; `from` is undefined where none did before. */
  failover: { readonly from: string | undefined; readonly to: string }
  /**
   * The breaker of a node, `host:port`, changed: `open` asks it nothing, `half-open` tries it, `closed` uses it. `reason` is why
   * it opened, and undefined otherwise.
   */
  breaker: {
    readonly node: string
    readonly guards: 'reads' | 'changes'
    readonly state: 'open' | 'half-open' | 'closed'
    readonly reason: string | undefined
  }
  /**
   * What a ring thinks of a node: `doubtful` has failed to answer and is tried by the ring itself, `down` has done so for `ejectAfter`,
   * `up` is used. `reason` is why it is not up. `memory` tells of one that is up again whether it still has what it had.
   */
  node: {
    readonly node: string
    readonly state: 'up' | 'doubtful' | 'down'
    readonly reason: string | undefined
    readonly memory?: 'kept' | 'lost' | undefined
  }
  /** A node of a ring had less of a session (null: nothing) than the others, and has been given the newest. Many of null: it evicts. */
  repair: { readonly id: string; readonly node: string; readonly found: string | null; readonly version: string }
  /**
   * Two processes have both stored a change over the same record: they disagreed about which nodes of a ring are up, or one kept its own back
   * (`backedUp`) when the session had moved on. `kept` stays, everywhere. Where the other one had been acknowledged, it is lost.
   */
  fork: { readonly id: string; readonly kept: string; readonly lost: string }
  /** So much has changed while a node was away that not all of it can be handed to it later: reads will repair what is not. */
  'hand-off-full': { readonly node: string }
  /**
   * So many changes are on this node only, since its backup does not take them; the oldest has waited for `oldest` milliseconds. Once, until
   * the backup has caught up.
   */
  'backup-behind': { readonly pending: number; readonly oldest: number }
}

/** The names of the events; each has a channel of its own. */
export type SessionEventName = keyof SessionEvents

/** The name of an event's channel in `node:diagnostics_channel`: `channelName('load')` is `holdfast:load`. */
export function channelName(event: SessionEventName): string {
  return `holdfast:${event}`
}

/**
 * Calls the listener on each event; answers how to stop. The same as `subscribe('holdfast:…')` of
 * `node:diagnostics_channel`, with the payload's type.
 *
 * @example
 * const stop = onSessionEvent('missing', ({ id }) => metrics.increment('session.missing'))
 */
export function onSessionEvent<Name extends SessionEventName>(event: Name, listener: (payload: SessionEvents[Name]) => void): () => void {
  const forward = (payload: unknown): void => listener(payload as SessionEvents[Name])
  subscribe(channelName(event), forward)
  return () => void unsubscribe(channelName(event), forward)
}

/** Publishes an event; costs nothing but a look when nobody listens, since the payload is made only then. */
export function publish<Name extends SessionEventName>(event: Name, payload: () => SessionEvents[Name]): void {
  const to = channels[event]
  if (to.hasSubscribers) to.publish(payload())
}

/** Whether anybody listens, for events that take work to find. */
export function isHeard(event: SessionEventName): boolean {
  return channels[event].hasSubscribers
}

const channels = {
  load: channel(channelName('load')),
  commit: channel(channelName('commit')),
  conflict: channel(channelName('conflict')),
  overlap: channel(channelName('overlap')),
  'late-change': channel(channelName('late-change')),
  missing: channel(channelName('missing')),
  ended: channel(channelName('ended')),
  'duplicate-cookie': channel(channelName('duplicate-cookie')),
  'bad-record': channel(channelName('bad-record')),
  'lost-change': channel(channelName('lost-change')),
  'not-replicated': channel(channelName('not-replicated')),
  hedge: channel(channelName('hedge')),
  failover: channel(channelName('failover')),
  breaker: channel(channelName('breaker')),
  node: channel(channelName('node')),
  repair: channel(channelName('repair')),
  fork: channel(channelName('fork')),
  'hand-off-full': channel(channelName('hand-off-full')),
  'backup-behind': channel(channelName('backup-behind')),
} satisfies Record<SessionEventName, unknown>
