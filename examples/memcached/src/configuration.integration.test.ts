import { readFile } from 'node:fs/promises'
import { startMemcached } from '@holdfast/testbed'
import { expect, onTestFinished, test } from 'vitest'

test('memcached reads the configuration of the page', async () => {
  const text = await readFile(new URL('../conf/memcached.conf', import.meta.url), 'utf8')
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  // It listens on an address of this machine.
  const args = lines.filter((line) => !line.startsWith('-l ')).flatMap((line) => line.split(' '))
  const memcached = await startMemcached({ args })
  onTestFinished(() => memcached.close())
  expect(await memcached.stats('settings')).toMatchObject({
    maxbytes: String(2048 * 1024 ** 2),
    item_size_max: String(1024 ** 2),
    maxconns: '4096',
    udpport: '0',
    evictions: 'on',
    cas_enabled: 'yes',
  })
})
