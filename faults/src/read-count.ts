import { Redis } from 'ioredis'

/** Counts the reads that servers are asked for, as MONITOR shows them. */
export interface ReadCount {
  readonly reads: number
  close(): void
}

/** Not those inside a script, which INFO commandstats counts too: a put that meets another version answers with the record that is there. */
export async function countReads(ports: readonly number[]): Promise<ReadCount> {
  let reads = 0
  const clients = ports.map((port) => new Redis(port, '127.0.0.1'))
  const monitors = await Promise.all(clients.map((client) => client.monitor()))
  for (const monitor of monitors) {
    monitor.on('monitor', (_: string, [command]: string[], source: string) => {
      if (command?.toLowerCase() === 'get' && source !== 'lua') reads += 1
    })
  }
  return {
    get reads() {
      return reads
    },
    close() {
      for (const client of [...monitors, ...clients]) client.disconnect()
    },
  }
}
