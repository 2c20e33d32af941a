import { join } from 'node:path'
import { startProgram, type StartedProgram } from '@holdfast/testbed'
import { build } from 'esbuild'
import { findRuntime, folder, type RuntimeName } from '../runtimes/programs.mjs'

const args: Record<RuntimeName, string[]> = {
  bun: ['run', 'on-bun.mjs'],
  deno: ['run', '--no-remote', '--node-modules-dir=manual', '--allow-net=127.0.0.1', '--allow-env', '--allow-read', 'on-deno.mjs'],
  workerd: ['serve', 'workerd.capnp', '--control-fd=1'],
}

/** Serves `shop.mjs` of the folder; resolves when it listens. */
export async function startRuntime(name: RuntimeName, cwd: string): Promise<StartedProgram> {
  const program = findRuntime(name)
  if (program === undefined) throw new Error(`${name} is not installed: run "node ${folder}install.mjs".`)
  // workerd looks nothing up in node_modules; its users bundle, with esbuild behind wrangler.
  if (name === 'workerd') await bundle(cwd)
  return startProgram(program, args[name], { cwd, env: { ...process.env, DENO_DIR: join(cwd, '.deno'), DENO_NO_UPDATE_CHECK: '1' } })
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
