import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { base, fileAt } from './serve-site.ts'
import type { PageVisit } from './visit-page.ts'

const root = join(import.meta.dirname, '../../..')
const repository = 'https://github.com/holdfast-js/holdfast'

/** The links that lead nowhere, each with its page: in the site with their hashes, and into the repository. Other hosts are not asked. */
export function deadLinks(visits: ReadonlyMap<string, PageVisit>, origin: string): string[] {
  const dead: string[] = []
  for (const [path, { links }] of visits) {
    for (const link of links) {
      const reason = whyDead(link)
      if (reason !== undefined) dead.push(`${path} has ${link}: ${reason}`)
    }
  }
  return dead

  function whyDead(link: string): string | undefined {
    const url = new URL(link)
    if (url.origin === origin) return whyDeadHere(url)
    // Where a reader's own server listens.
    if (url.origin === 'http://localhost:3000') return undefined
    if (url.protocol !== 'https:') return 'not https'
    const [, file] = new RegExp(`^${repository}/(?:blob|tree)/main/([^#]+)`).exec(link) ?? []
    return file === undefined || existsSync(join(root, file)) ? undefined : 'the repository has no such file'
  }

  function whyDeadHere({ pathname, hash }: URL): string | undefined {
    const page = visits.get(pageAt(pathname))
    if (page === undefined) return fileAt(pathname) === undefined ? 'there is no such page' : undefined
    const id = decodeURIComponent(hash.slice(1))
    return id === '' || page.ids.has(id) ? undefined : 'the page has nothing of this id'
  }
}

/** The pages that no other page leads to. */
export function orphans(visits: ReadonlyMap<string, PageVisit>): string[] {
  const reached = new Set([`${base}index.html`])
  for (const [path, { links }] of visits) {
    for (const link of links) {
      const target = pageAt(new URL(link).pathname)
      if (target !== path) reached.add(target)
    }
  }
  return [...visits.keys()].filter((path) => !reached.has(path))
}

function pageAt(pathname: string): string {
  return pathname.endsWith('/') ? `${pathname}index.html` : pathname
}
