import { createServer } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import { freePort } from './free-port.ts'
import { listen } from './listen.ts'
import { nginxConfiguration } from './nginx-configuration.ts'
import { startLoadBalancer, type LoadBalancer } from './load-balancer.ts'

/** A server that says its name. */
async function named(name: string): Promise<string> {
  const { url, close } = await listen(createServer((_, response) => response.end(name)))
  onTestFinished(close)
  return new URL(url).host
}

const configurations = {
  haproxy: (port: number, hosts: readonly string[]): string => `
defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 5s
frontend web
  bind 127.0.0.1:${port}
  default_backend applications
backend applications
  balance roundrobin
${hosts.map((host, index) => `  server s${index} ${host}\n`).join('')}`,
  nginx: (port: number, hosts: readonly string[]): string =>
    nginxConfiguration(`
  upstream applications { ${hosts.map((host) => `server ${host};`).join(' ')} }
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://applications; }
  }
`),
}

async function answers({ origin }: LoadBalancer, count: number): Promise<Set<string>> {
  const found = new Set<string>()
  for (let request = 0; request < count; request += 1) found.add(await (await fetch(origin)).text())
  return found
}

describe.each(['haproxy', 'nginx'] as const)('startLoadBalancer: %s', (name) => {
  test('stands before servers, and takes another configuration', async () => {
    const [one, other] = [await named('one'), await named('other')]
    const port = await freePort()
    const balancer = await startLoadBalancer(name, { port, configuration: configurations[name](port, [one, other]) })
    onTestFinished(() => balancer.close())
    expect(balancer.origin).toBe(`http://127.0.0.1:${port}`)
    expect(await answers(balancer, 20)).toEqual(new Set(['one', 'other']))
    await balancer.restart(configurations[name](port, [other]))
    expect(await answers(balancer, 20)).toEqual(new Set(['other']))
  })

  test('says what is wrong with a configuration', async () => {
    await expect(startLoadBalancer(name, { port: await freePort(), configuration: 'nonsense;\n' })).rejects.toThrow(/nonsense/)
  })

  test('is gone once it is closed', async () => {
    const port = await freePort()
    const balancer = await startLoadBalancer(name, { port, configuration: configurations[name](port, [await named('one')]) })
    await balancer.close()
    await expect(fetch(balancer.origin)).rejects.toThrow('fetch failed')
  })
})
