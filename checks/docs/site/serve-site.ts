import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, sep } from 'node:path'
import { listen } from '@holdfast/testbed'
import { dist } from './build-site.ts'

/** The folder of its host under which the site stands. */
export const base = '/holdfast/'

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.xml': 'application/xml',
}

/** The site as its host serves it: plain files below `base`, and `404.html` for what is not there. */
export interface Site {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string
  close(): Promise<void>
}

/** Serves what has been built. */
export async function serveSite(): Promise<Site> {
  const server = createServer((req, res) => {
    const file = fileAt(new URL(req.url!, 'http://site').pathname)
    const found = file ?? join(dist, '404.html')
    const contentType = types[extname(found)] ?? 'application/octet-stream'
    res.writeHead(file === undefined ? 404 : 200, { 'content-type': contentType, 'cache-control': 'max-age=600' })
    res.end(readFileSync(found))
  })
  const { url, close } = await listen(server)
  return { origin: url, close }
}

/** The file behind a path, if there is one. */
export function fileAt(path: string): string | undefined {
  if (!path.startsWith(base)) return undefined
  const file = join(dist, decodeURIComponent(path.slice(base.length)))
  if (file !== dist && !file.startsWith(dist + sep)) return undefined
  const page = path.endsWith('/') ? join(file, 'index.html') : file
  return existsSync(page) && statSync(page).isFile() ? page : undefined
}

/** The path of each page. */
export function pages(): string[] {
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' })
  return files
    .filter((file) => file.endsWith('.html') && file !== '404.html')
    .map((file) => base + file.split(sep).join('/'))
    .toSorted()
}
