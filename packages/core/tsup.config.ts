import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/index.ts', 'src/memory.ts', 'src/redis.ts', 'src/node.ts', 'src/testing.ts'],
  format: ['esm', 'cjs'],
  target: 'node20',
  platform: 'node',
  dts: true,
  clean: true,
  splitting: true,
  treeshake: true,
})
