import { expect, test } from 'vitest'
import { fleetTable } from './fleet-table.ts'
import { planFleet } from './plan-fleet.ts'

test('plans side by side are a table in Markdown', () => {
  const shop = {
    engine: 'memcached',
    sessions: 2_000_000,
    bytesPerSession: 700,
    requestsPerSecond: 30_000,
    nodeMemoryBytes: 2 * 1024 ** 3,
  } as const
  expect(fleetTable([1, 2, 3].map((copies) => planFleet({ ...shop, copies })))).toMatchInlineSnapshot(`
    "| sessions | on | copies | **nodes** | decided by | for memory, traffic, risk | a session takes | memory full | calls a second to each | lost when 1, 2, 3 die | moved by one more |
    | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
    | 2,000,000 | memcached | 1 | **3** | memory | 3, 3, 3 | 1,185 bytes | 37 % | 12,500 | 33 %, 67 %, 100 % | 25 % |
    | 2,000,000 | memcached | 2 | **5** | traffic | 4, 5, 2 | 1,185 bytes | 44 % | 15,000 | 0 %, 10 %, 30 % | 33 % |
    | 2,000,000 | memcached | 3 | **7** | traffic | 6, 7, 3 | 1,185 bytes | 47 % | 16,072 | 0 %, 0 %, 2.9 % | 38 % |
    "
  `)
})

test('no plans are a table without lines', () => {
  expect(fleetTable([]).trimEnd().split('\n')).toHaveLength(2)
})
