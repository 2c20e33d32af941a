import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { program } from './program.ts'
import { serverFolder } from './server-folder.ts'
import { startServerProcess } from './server-process.ts'

export interface LoadBalancerOptions {
  /** The whole of its configuration file, in its own language. */
  readonly configuration: string
  /** Where the configuration has it listen, on 127.0.0.1. */
  readonly port: number
  /** Milliseconds that it may take to start. @default 30000 */
  readonly timeout?: number | undefined
}

/** A real HAProxy or nginx. */
export interface LoadBalancer {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string
  /** The last that it wrote. */
  log(): string
  /** Starts it anew, with another configuration for the same port: what it kept in memory is gone. */
  restart(configuration: string): Promise<void>
  /** Kills it and removes its folder. */
  close(): Promise<void>
}

const argsOf = {
  haproxy: (file: string): string[] => ['-db', '-f', file],
  nginx: (file: string, folder: string): string[] => ['-c', file, '-p', folder, '-e', 'stderr', '-g', 'daemon off; pid nginx.pid;'],
} as const

/**
 * Starts HAProxy or nginx in front of servers that the configuration names, and resolves once it listens.
 *
 * @throws Error with what it says of its configuration if it does not start.
 * @example
 * const port = await freePort()
 * const balancer = await startLoadBalancer('haproxy', { port, configuration: `…bind 127.0.0.1:${port}…` })
 * await fetch(balancer.origin)
 * await balancer.close()
 */
export async function startLoadBalancer(name: keyof typeof argsOf, options: LoadBalancerOptions): Promise<LoadBalancer> {
  const { configuration, port, timeout } = options
  const command = program(name)
  const folder = serverFolder(name)
  const file = join(folder.path, `${name}.conf`)
  const args = argsOf[name](file, folder.path)
  const start = (text: string) => {
    writeFileSync(file, text)
    return startServerProcess({ command, args, folder, timeout, ready: () => accepts(port) })
  }

  let server = await start(configuration).catch(async (error) => {
    await folder.close()
    throw error
  })
  return {
    origin: `http://127.0.0.1:${port}`,
    log: () => server.log(),
    async restart(text) {
      await server.stop('SIGKILL')
      server = await start(text)
    },
    async close() {
      await server.stop('SIGKILL')
      await folder.close()
    },
  }
}

function accepts(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      socket.destroy()
      resolve()
    }).on('error', reject)
  })
}
