import { expect, test } from 'vitest'
import { tables } from './plans.ts'

// The page includes these files. To write them anew: npx vitest run examples/memcached/src/plans.test.ts --update
test.each(Object.entries(tables))('plans/%s.md, which the page shows, is what planFleet says', async (name, table) => {
  await expect(table).toMatchFileSnapshot(`../plans/${name}.md`)
})
