// `npm run prices`: what each way to keep sessions costs a request, and how long a sign-out takes to show elsewhere, on a real Redis.
import { mkdirSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { startRedis } from '@holdfast/testbed'
import { arrangements } from './arrangements.ts'
import { signOutTable, tripTable } from './report.ts'
import { signOutsOf, type SignOuts } from './sign-outs.ts'
import { tripsOf, type Trips } from './trips.ts'

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '100' }, json: { type: 'boolean' }, out: { type: 'string' }, help: { type: 'boolean' } },
})
const rounds = Number(values.rounds)
if (values.help === true || !Number.isSafeInteger(rounds) || rounds < 1) {
  console.log('npm run prices -- [--rounds 100] [--json] [--out <folder>]')
  process.exit(values.help === true ? 0 : 1)
}

const redis = await startRedis()
try {
  const trips: Trips[] = []
  const signOuts: SignOuts[] = []
  for (const arrangement of arrangements) {
    console.error(`${arrangement.name} ...`)
    if (arrangement.signOutWithin !== undefined) signOuts.push(await signOutsOf(arrangement, redis.url, rounds))
    if (!arrangement.name.endsWith('no news')) trips.push(await tripsOf(arrangement, redis.url))
  }
  const results = { measuredAt: new Date().toISOString().slice(0, 10), node: process.versions.node, trips, signOuts }
  const tables = { trips: tripTable(trips), 'sign-outs': signOutTable(signOuts) }
  console.log(values.json === true ? JSON.stringify(results, undefined, 2) : Object.values(tables).join('\n'))
  if (values.out !== undefined) {
    mkdirSync(values.out, { recursive: true })
    writeFileSync(`${values.out}/latest.json`, `${JSON.stringify(results, undefined, 2)}\n`)
    for (const [name, table] of Object.entries(tables)) writeFileSync(`${values.out}/${name}.md`, table)
  }
  const late = signOuts.filter(({ longest, within }) => within > 0 && longest > within)
  for (const { arrangement, longest, within } of late)
    console.error(`${arrangement}: a session showed ${Math.round(longest)} ms after its sign-out, and ${within} ms are promised`)
  process.exitCode = late.length === 0 ? 0 : 1
} finally {
  await redis.close()
}
