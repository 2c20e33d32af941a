/** The events that a run counts. */
export const countedEvents = [
  'failover',
  'hedge',
  'breaker',
  'lost-change',
  'missing',
  'not-replicated',
  'node',
  'repair',
  'fork',
  'hand-off-full',
  'backup-behind',
] as const
