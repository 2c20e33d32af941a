import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { build } from 'esbuild'
import { findRuntime, folder, type RuntimeName } from '../runtimes/programs.mjs'

/** A server in another JavaScript runtime. */
export interface RuntimeServer {
  readonly origin: string
  /** What it has written so far. */
  log(): string
  stop(): Promise<void>
}

const args: Record<RuntimeName, string[]> = {
  bun: ['run', 'on-bun.mjs'],
  deno: ['run', '--no-remote', '--node-modules-dir=manual', '--allow-net=127.0.0.1', '--allow-env', '--allow-read', 'on-deno.mjs'],
  workerd: ['serve', 'workerd.capnp', '--control-fd=1'],
}

/** Serves `shop.mjs` of the folder; resolves when it listens. */
export async function startRuntime(name: RuntimeName, cwd: string): Promise<RuntimeServer> {
  const program = findRuntime(name)
  if (program === undefined) throw new Error(`${name} is not installed: run "node ${folder}install.mjs".`)
  // workerd looks nothing up in node_modules; its users bundle, with esbuild behind wrangler.
  if (name === 'workerd') await bundle(cwd)
  const child = spawn(program, args[name], {
    cwd,
    env: { ...process.env, DENO_DIR: join(cwd, '.deno'), DENO_NO_UPDATE_CHECK: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'close')
  let log = ''
  const port = await new Promise<string>((resolve, reject) => {
    const giveUp = (): void => reject(new Error(`${name} did not start:\n${log}`))
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
      child.kill('SIGKILL')
      await ended
    },
  }
}

async function bundle(cwd: string): Promise<void> {
  await build({
    absWorkingDir: cwd,
    entryPoints: ['on-workerd.mjs'],
    outfile: 'worker.mjs',
    bundle: true,
    format: 'esm',
    platform: 'node',
    external: ['node:*'],
  })
}
