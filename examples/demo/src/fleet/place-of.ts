/** Where sessions live, in words. The host alone: a URL may hold a password. */
export function placeOf(redisUrl: string): string {
  return `Redis at ${new URL(redisUrl).host}`
}
