import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const conditions = ['@holdfast/source', 'node', 'module', 'default']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    // The faults come last: while they count what becomes of requests, nothing else compiles, renders or signs for minutes beside them.
    projects: [
      {
        extends: true,
        test: { name: 'others', include: ['{packages,examples,bench,checks,docs}/**/*.test.ts'], sequence: { groupOrder: 0 } },
      },
      { extends: true, test: { name: 'faults', include: ['faults/**/*.test.ts'], sequence: { groupOrder: 1 } } },
    ],
    // One more than by default: the tests wait for servers more than they compute.
    maxWorkers: availableParallelism(),
    // What may be slow has bounds of its own. This one ends what hangs, and has to outlast a machine that stands still, as one did for some
    // two minutes: what is given up goes on, and is counted by the test that comes next.
    testTimeout: 300_000,
    hookTimeout: 300_000,
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
