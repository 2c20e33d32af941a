import type { Clock } from '../clock.ts'

/** How the store has been answering lately. */
export interface Health {
  /** `up`: the last call was answered; `degraded`: the last one was not; `down`: the last three were not. */
  readonly status: 'up' | 'degraded' | 'down'
  /** Unix ms: since when. */
  readonly since: number
}

export interface HealthRecord {
  answered(): void
  failed(): void
  read(): Health
}

const failuresUntilDown = 3

export function healthRecord(clock: Clock): HealthRecord {
  let failures = 0
  let health: Health = { status: 'up', since: clock.now() }
  const become = (status: Health['status']): void => {
    if (health.status !== status) health = { status, since: clock.now() }
  }
  return {
    answered() {
      failures = 0
      become('up')
    },
    failed() {
      failures++
      become(failures < failuresUntilDown ? 'degraded' : 'down')
    },
    read: () => health,
  }
}
