import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const adapters = readdirSync(import.meta.dirname).filter((name) => !name.endsWith('.test.ts'))

test.each(adapters)('%s is under 20 lines of code', (name) => {
  const lines = readFileSync(`${import.meta.dirname}/${name}`, 'utf8').split('\n')
  const code = lines.filter((line) => !/^\s*(?:$|\/\/|\/?\*)/.test(line))
  expect(code.length).toBeLessThan(20)
})
