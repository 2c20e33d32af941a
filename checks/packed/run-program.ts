import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'

export interface Program {
  /** The folder in which it runs. */
  readonly project: string
  readonly file: string
  readonly program: string
  /** The Node that runs it. Default: this process's. */
  readonly node?: string | undefined
}

/** Runs a program that logs JSON, and warns of nothing; what it logged. */
export function runProgram({ project, file, program, node = process.execPath }: Program): unknown {
  writeFileSync(join(project, file), program)
  const { status, stdout, stderr } = spawnSync(node, [file], { cwd: project, encoding: 'utf8', timeout: 60_000 })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return JSON.parse(stdout)
}
