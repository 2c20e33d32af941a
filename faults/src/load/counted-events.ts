/** The events that a run counts. */
export const countedEvents = ['failover', 'hedge', 'breaker', 'lost-change', 'not-replicated'] as const
