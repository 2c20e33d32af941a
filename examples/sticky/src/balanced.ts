import { readFile } from 'node:fs/promises'
import { freePort, nginxConfiguration, startLoadBalancer, type LoadBalancer } from '@holdfast/testbed'
import { nodeNames, type Fleet } from './fleet.ts'

/** One of the files in conf/. */
export type ConfigurationName =
  | 'haproxy-cookie.cfg'
  | 'haproxy-stick-table.cfg'
  | 'haproxy-affinity.cfg'
  | 'nginx-hash.conf'
  | 'nginx-affinity.conf'

/** Starts a balancer with a configuration of the page, where only the addresses are others, before the nodes of a fleet. */
export async function balanced(
  file: ConfigurationName,
  { ports }: Fleet,
  edit?: readonly [from: string, to: string],
): Promise<LoadBalancer> {
  const port = await freePort()
  let text = await readFile(new URL(`../conf/${file}`, import.meta.url), 'utf8')
  const put = (from: string, to: string): void => {
    if (!text.includes(from)) throw new Error(`${file} has no ${from}`)
    text = text.replaceAll(from, to)
  }
  for (const name of nodeNames) put(`app-${name}.internal:3000`, `127.0.0.1:${ports[name]}`)
  if (edit !== undefined) put(...edit)
  const isNginx = file.startsWith('nginx')
  if (isNginx) put('listen 80;', `listen 127.0.0.1:${port};`)
  else put('bind :80', `bind 127.0.0.1:${port}`)
  return startLoadBalancer(isNginx ? 'nginx' : 'haproxy', { port, configuration: isNginx ? nginxConfiguration(text) : text })
}
