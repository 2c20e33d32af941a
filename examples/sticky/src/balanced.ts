import { readFile } from 'node:fs/promises'
import { freePort, startLoadBalancer, type LoadBalancer } from '@holdfast/testbed'
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
  return startLoadBalancer(isNginx ? 'nginx' : 'haproxy', { port, configuration: isNginx ? inNginx(text) : text })
}

/** Around what stands in conf.d; the folders are those that nobody has to be root for. */
const inNginx = (text: string): string => `
events {}
http {
access_log off;
client_body_temp_path body;
proxy_temp_path proxied;
fastcgi_temp_path fastcgi;
uwsgi_temp_path uwsgi;
scgi_temp_path scgi;
${text}
}
`
