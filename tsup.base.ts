import { defineConfig } from 'tsup'

/** How a published package is built from its entries, one for each key of its `exports`: as ES modules, as CommonJS, and types. */
export function library(...entry: string[]): ReturnType<typeof defineConfig> {
  return defineConfig({
    entry,
    format: ['esm', 'cjs'],
    target: 'node20',
    platform: 'node',
    dts: true,
    clean: true,
    splitting: true,
    treeshake: true,
  })
}
