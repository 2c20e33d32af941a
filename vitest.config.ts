import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const conditions = ['@holdfast/source', 'node', 'module', 'default']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['{packages,examples,bench,faults,checks,docs}/**/*.test.ts'],
    // One more than by default: the tests wait for servers more than they compute.
    maxWorkers: availableParallelism(),
    // What may be slow has bounds of its own. This one ends what hangs: with a second run beside it a PostgreSQL alone takes 15 s to start.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Of what is waited for: the usual second is soon over where other tests have the processors.
    expect: { poll: { timeout: 15_000 } },
    // What a test prints goes straight out. By messages to the main process, one that is under way when a file ends fails the run while all
    // tests pass (vitest-dev/vitest#11153): of a file that prints after its end, one run in three here; so, none in eight.
    disableConsoleIntercept: true,
    reporters: [
      'default',
      ['json', { outputFile: '.test-results/vitest.json' }],
      ['./.ci/unhandled-errors.mjs', { outputFile: '.test-results/unhandled-errors.json' }],
    ],
  },
})
