import type { Replication } from './replication.ts'

/** Whether a replica is sent what its primary is told, judged by what it says of itself. */
export interface Feed {
  /** False from when it is linked anew until it has been seen to get something. */
  readonly flows: boolean
  /** What it says now. */
  heard(replication: Replication): void
  /** It cannot be asked any more, and may be started anew before it can. */
  lost(): void
}

/**
 * A replica that has just got its copy says that it is linked, and is sent nothing more for up to a second, until its primary has heard that
 * it has it (Redis 7.0, measured). Meanwhile it shows what was ended since as it was. One that was linked when it was first seen is
 * believed: most have long been.
 */
export function feed(): Feed {
  let isSeen = false
  let history: string | undefined
  /** How much it had when it was linked; undefined while it is not. */
  let linkedWith: number | undefined
  let flows = false
  return {
    get flows() {
      return flows
    },
    heard({ role, isLinked, offset, history: current }) {
      const isFirst = !isSeen
      isSeen = true
      if (history !== current) linkedWith = undefined
      history = current
      if (role === 'primary' || !isLinked) linkedWith = undefined
      else linkedWith ??= isFirst ? -Infinity : offset
      flows = linkedWith !== undefined && offset > linkedWith
    },
    lost() {
      linkedWith = undefined
      flows = false
    },
  }
}
