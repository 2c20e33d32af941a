import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { chromiumLaunch } from './chromium.ts'
import { serverFolder } from './server-folder.ts'

test('the Chromium of this machine opens a page and runs its script', async () => {
  const page = '<p></p><script>document.querySelector("p").textContent = 6 * 7</script>'
  const server = createServer((_, response) => response.setHeader('Content-Type', 'text/html').end(page)).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  const profile = serverFolder('chromium')

  const { executablePath, args } = chromiumLaunch()
  const url = `http://127.0.0.1:${port}/`
  const { stdout } = await promisify(execFile)(executablePath, [
    ...args,
    '--headless',
    `--user-data-dir=${profile.path}`,
    '--dump-dom',
    url,
  ])
  expect(stdout).toContain('<p>42</p>')

  server.close()
  await profile.close()
})
