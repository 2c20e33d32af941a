import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** The shop, on one version of Nest, in a process of its own. */
export interface ShopServer {
  readonly origin: string
  /** What it has written so far. */
  log(): string
  /** Asks it to end, as a container is asked; resolves when it has, or was killed 5 s later. */
  stop(): Promise<void>
}

/** Serves `shop.mjs` or `shop.cjs` of the folder; resolves when it listens. */
export async function startShop(cwd: string, file: string, platform: 'express' | 'fastify'): Promise<ShopServer> {
  const child = spawn(process.execPath, [file, platform], { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'close')
  let log = ''
  const port = await new Promise<string>((resolve, reject) => {
    const giveUp = (): void => reject(new Error(`${file} did not start on ${platform}:\n${log}`))
    const timer = setTimeout(giveUp, 15_000)
    const read = (chunk: Buffer): void => {
      log += String(chunk)
      const found = /"port":(\d+)/.exec(log)?.[1]
      if (found === undefined) return
      clearTimeout(timer)
      resolve(found)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    ended.then(giveUp, reject)
  }).catch((error: unknown) => {
    child.kill('SIGKILL')
    throw error
  })
  return {
    origin: `http://127.0.0.1:${port}`,
    log: () => log,
    async stop() {
      const impatience = setTimeout(() => child.kill('SIGKILL'), 5_000)
      child.kill('SIGTERM')
      await ended
      clearTimeout(impatience)
    },
  }
}
