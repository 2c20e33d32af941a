import { parseArgs } from 'node:util'
import { frameworks, type Framework } from './candidates.ts'

/** How much is measured, and what is done with it. */
export interface Options {
  readonly frameworks: readonly Framework[]
  readonly rounds: number
  /** Whether a round that does not count comes first. */
  readonly warmUp: boolean
  /** Length of one slice: one kind of request to one server. */
  readonly seconds: number
  readonly peers: boolean
  readonly json: boolean
  /** The folder that the results are written to; undefined: none. */
  readonly out: string | undefined
  /** `hono:read:redis`: what to profile, in place of the table. */
  readonly profile: string | undefined
  /** Only to say how it is called. */
  readonly help: boolean
}

export const usage = `npm run bench -- [options]

  --only hono,koa     these frameworks only (${frameworks.join(', ')})
  --rounds 5          rounds, of which the medians count
  --seconds 1         length of a slice: one kind of request to one server
  --no-peers          without the other libraries
  --json              prints the results as JSON
  --out folder        where latest.json and latest.md are written (default bench/results; none with --only)
  --short             one short round without peers or warm-up, to see that it works
  --profile hono:read:redis   where the time of one of them goes`

/** Throws an Error that says what is wrong, and `usage`. */
export function optionsFrom(args: readonly string[], defaultOut: string): Options {
  const { values } = parse(args)
  const only = values.only?.split(',') ?? frameworks
  const unknown = only.find((each) => !frameworks.includes(each as Framework))
  if (unknown !== undefined) throw new Error(`--only knows no "${unknown}".\n\n${usage}`)
  const isWhole = values.only === undefined && !values.short && !values['no-peers']
  return {
    frameworks: only as Framework[],
    rounds: positive('--rounds', values.rounds ?? (values.short ? '1' : '5')),
    seconds: positive('--seconds', values.seconds ?? '1'),
    warmUp: !values.short,
    peers: !values['no-peers'] && !values.short,
    json: values.json,
    out: values.out ?? (isWhole ? defaultOut : undefined),
    profile: values.profile,
    help: values.help,
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: 'string' },
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        'no-peers': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        short: { type: 'boolean', default: false },
        out: { type: 'string' },
        help: { type: 'boolean', default: false },
        profile: { type: 'string' },
      },
    })
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n${usage}`, { cause: error })
  }
}

function positive(name: string, text: string): number {
  const number = Number(text)
  if (Number.isInteger(number) && number > 0) return number
  throw new Error(`${name} is "${text}"; it takes a whole number above 0.\n\n${usage}`)
}
