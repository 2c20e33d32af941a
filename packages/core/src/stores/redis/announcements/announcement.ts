import type { StoreChange } from '../../../record/store.ts'

// Key and version stand beside each other as they are: neither can hold a space.
const form = /^([\w-]{43}) ([\w.-]{1,200})$/

/** How the script for changes announces one. */
export interface Announcement {
  readonly channel: string
  /** What the key is called there: without the prefix. */
  readonly as: string
}

/** Where the changes of all stores with this prefix are announced, whatever the number of their database: channels have none. */
export function channelOf(prefix: string): string {
  return `${prefix}changes`
}

/** Reads what the script for changes publishes; undefined for what is something else. */
export function readAnnouncement(message: string): Exclude<StoreChange, 'lost'> | undefined {
  const [, key, version] = form.exec(message) ?? []
  return key === undefined || version === undefined ? undefined : { key, version }
}
