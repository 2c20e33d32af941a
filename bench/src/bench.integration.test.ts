import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { connections } from './load.ts'
import { memoryGoal } from './memory-per-session.ts'
import { goals } from './ratios.ts'
import { reportMarkdown, reportText } from './report.ts'
import type { Results, Row } from './results.ts'

const main = join(import.meta.dirname, 'main.ts')

async function bench(...args: readonly string[]) {
  return promisify(execFile)(process.execPath, ['--import', 'tsx', main, ...args], { timeout: 100_000 })
}

test('a short run counts what it has to, and prints it', { timeout: 120_000 }, async () => {
  const { stdout, stderr } = await bench('--short', '--only', 'hono', '--json')
  expect(stderr).toMatch(/round 1 of 1: change, hono, Holdfast on memory \(\d+ min left\)/)
  const results = JSON.parse(stdout) as Results

  const ours = results.series.filter(({ name }) => name === 'Holdfast on Redis')
  expect(ours.map(({ kind, lostChanges }) => [kind, lostChanges])).toEqual([
    ['none', undefined],
    ['read', undefined],
    ['change', 0],
  ])
  const [none, read, change] = ours as [Row, Row, Row]
  expect(none.commandsPerRequest).toBe(0)
  // What was under way at the end is not counted as a request.
  const unseen = Math.round((read.commandsPerRequest - 1) * read.requests)
  expect(unseen).toBeGreaterThanOrEqual(0)
  expect(unseen).toBeLessThanOrEqual(connections)
  // And one more for each time that another change of the same session was faster.
  expect(change.commandsPerRequest).toBeGreaterThanOrEqual(2)
  expect(results.ratios.map(({ what }) => what)).toEqual(goals.map(({ what }) => what))
  expect(results.bytesPerSession['Holdfast']).toBeLessThan(memoryGoal)

  for (const report of [reportText(results), reportMarkdown(results)]) {
    for (const { what } of goals) expect(report).toContain(what)
    for (const { name } of results.series) expect(report).toContain(`Hono, ${name}`)
    expect(report).toContain('64 connections, 200 sessions of 731 bytes')
    expect(report).not.toMatch(/undefined|NaN/)
  }
})

test.each([
  [['--only', 'rails'], '--only knows no "rails".'],
  [['--rounds', '0'], '--rounds is "0"; it takes a whole number above 0.'],
  [['--seconds', 'x'], '--seconds is "x"; it takes a whole number above 0.'],
  [['--fast'], "Unknown option '--fast'"],
  [['--profile', 'hono:read:mysql'], '--profile knows no "hono:read:mysql"'],
])('%j is refused, with what would be taken', async (args, message) => {
  const { code, stderr } = (await bench(...args).catch((error: unknown) => error)) as { code: number; stderr: string }
  expect(code).toBe(1)
  expect(stderr).toContain(message)
})
