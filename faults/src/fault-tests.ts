import { test } from 'vitest'
import { faults } from './faults/all.ts'
import { judge } from './judgement.ts'
import { report } from './report.ts'
import { faultResult } from './results.ts'
import { runFault } from './run-fault.ts'

// Counts are exact in the tests. Of times they hold only this often the bound: on a busy machine, slow is not wrong.
const factor = 10

// Where other tests have the processors, a server may not get its turn within the usual 200 ms.
const manager = { operationTimeout: 1_000 }

/** A test for each of these faults, in its short form. */
export function testFaults(...ids: readonly string[]): void {
  for (const id of ids) {
    const fault = faults.find((each) => each.id === id)
    if (fault === undefined) throw new Error(`There is no fault ${id}.`)
    test(`${id}: ${fault.title}`, async ({ annotate }) => {
      const obstacle = await fault.obstacle?.()
      if (obstacle !== undefined) {
        await annotate(`not run: ${obstacle}`)
        return
      }
      const run = await runFault(fault, 'holdfast', 'short', manager)
      const missed = judge(fault.judgements, [run], { factor, stall: run.stall }).filter(({ met }) => !met)
      if (missed.length === 0) return
      const words = missed.map(({ what, bound, found }) => `${what}: ${found.join()}; it must be ${bound}`)
      const results = { measuredAt: 'now', how: { command: 'npm test', form: 'short', rounds: 1 }, versions: {} }
      throw new Error([...words, report({ ...results, faults: [faultResult(fault, { holdfast: [run] }, [])] })].join('\n'))
    })
  }
}
