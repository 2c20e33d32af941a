import { parseArgs } from 'node:util'
import type { Fault, Form } from './fault.ts'

/** What is run, and what is done with the results. */
export interface Options {
  readonly faults: readonly Fault[]
  readonly form: Form
  readonly rounds: number
  /** Whether ioredis or memjs, with its defaults, is put through the same. */
  readonly plain: boolean
  readonly json: boolean
  /** The folder that the results are written to; undefined: none. */
  readonly out: string | undefined
  /** Only to say how it is called. */
  readonly help: boolean
}

export const usage = `npm run faults -- [F1 F2 …] [options]

  F1 F2               these faults only; all of them if none is named
  --rounds 3          rounds: counts hold in each, of times the median
  --short             only as long as each fault takes, with less load, in one round
  --no-plain          without the same on ioredis or memjs with its defaults, which has one round
  --json              prints the results as JSON
  --out folder        where latest.json and latest.md are written (default faults/results; none unless all is run)
  --no-out            writes nothing`

/** Throws an Error that says what is wrong, and `usage`. */
export function optionsFrom(args: readonly string[], all: readonly Fault[], defaultOut: string): Options {
  const { values, positionals } = parse(args)
  const named = positionals.map((name) => {
    const fault = all.find(({ id }) => id.toLowerCase() === name.toLowerCase())
    if (fault === undefined) throw new Error(`There is no fault "${name}": ${all.map(({ id }) => id).join(', ')}.\n\n${usage}`)
    return fault
  })
  const isWhole = named.length === 0 && !values.short && !values['no-plain']
  const rounds = Number(values.rounds ?? (values.short ? '1' : '3'))
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds is "${values.rounds}"; it takes a whole number above 0.\n\n${usage}`)
  return {
    faults: named.length === 0 ? all : named,
    form: values.short ? 'short' : 'long',
    rounds,
    plain: !values['no-plain'],
    json: values.json,
    out: values['no-out'] ? undefined : (values.out ?? (isWhole ? defaultOut : undefined)),
    help: values.help,
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        rounds: { type: 'string' },
        short: { type: 'boolean', default: false },
        'no-plain': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        out: { type: 'string' },
        'no-out': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n${usage}`, { cause: error })
  }
}
