import { execFile } from 'node:child_process'
import { readFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import type { Results } from './results.ts'

const main = join(import.meta.dirname, 'main.ts')

async function command(...args: readonly string[]) {
  const flags = ['--conditions=@holdfast/source', '--import', 'tsx']
  return promisify(execFile)(process.execPath, [...flags, main, ...args], { timeout: 100_000 })
}

/** What it printed, whether a judgement was missed or not. */
async function run(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const failed = (error: unknown) => error as { code: number; stdout: string; stderr: string }
  return command(...args).then((printed) => ({ code: 0, ...printed }), failed)
}

test('one fault, with ioredis beside Holdfast: progress, JSON, and both files', { timeout: 120_000 }, async () => {
  const out = mkdtempSync(join(tmpdir(), 'holdfast-faults-'))
  onTestFinished(() => rmSync(out, { recursive: true }))
  const { code, stdout, stderr } = await run('F19', '--short', '--json', '--out', out)
  expect(stderr).toContain('F19, everything restarts empty: round 1 of 1, ioredis')
  const results = JSON.parse(stdout) as Results
  expect(results.faults.map(({ id, errors }) => [id, errors])).toEqual([['F19', []]])
  const [{ runs, verdicts }] = results.faults as [Results['faults'][number]]
  // Times are judged in full here, whatever else runs on this machine: what matters is that it says so.
  expect(verdicts.length).toBeGreaterThan(10)
  expect(code).toBe(verdicts.every(({ met }) => met) ? 0 : 1)
  for (const system of ['holdfast', 'ioredis'] as const) {
    const [report] = runs[system]!
    expect(report?.requests).toBeGreaterThan(100)
    expect(report?.signedOut).toBeGreaterThan(0)
  }
  expect(JSON.parse(readFileSync(join(out, 'latest.json'), 'utf8'))).toEqual(results)
  const markdown = readFileSync(join(out, 'latest.md'), 'utf8')
  expect(markdown).toMatch(/\| F19 \| everything restarts empty \| (as promised|missed: )/)
  expect(markdown).toContain(`Node ${process.versions.node}`)
  expect(markdown).not.toMatch(/undefined|NaN|Infinity|127\.0\.0\.1/)
})

test('says how it is called', async () => {
  const { stdout } = await command('--help')
  expect(stdout).toContain('npm run faults')
})

test.each([
  [['F99'], 'There is no fault "F99": F1, F2,'],
  [['--rounds', '0'], '--rounds is "0"; it takes a whole number above 0.'],
  [['--fast'], "Unknown option '--fast'"],
])('%j is refused, with what would be taken', async (args, message) => {
  const { code, stderr } = await run(...args)
  expect(code).toBe(1)
  expect(stderr).toContain(message)
})
