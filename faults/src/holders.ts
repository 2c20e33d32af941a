import type { MemcachedServer } from '@holdfast/testbed'

const keysAtOnce = 200

/** Which of the servers have each of the keys, as each of them says itself. */
export async function holders(
  servers: readonly MemcachedServer[],
  keys: readonly string[],
): Promise<ReadonlyMap<string, readonly MemcachedServer[]>> {
  const found = new Map<string, MemcachedServer[]>(keys.map((key) => [key, []]))
  for (const server of servers) {
    for (let at = 0; at < keys.length; at += keysAtOnce) {
      const asked = keys.slice(at, at + keysAtOnce)
      // The meta protocol's get without flags, which tells no more than that it is there: `HD`, or `EN`.
      const reply = await server.command(...(asked.map((key) => `mg ${key}`) as [string, ...string[]]))
      const answers = reply.split('\r\n')
      asked.forEach((key, index) => {
        if (answers[index]?.startsWith('HD') === true) found.get(key)!.push(server)
      })
    }
  }
  return found
}
