import { statSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { base, fileAt, pages } from './serve-site.ts'
import { complaintsOf, visitPage, type PageVisit } from './visit-page.ts'

/** As many as there are cores to draw them. */
const tabs = 2

/** Visits every page; what was seen, by path. */
export async function crawl(browser: Browser, origin: string): Promise<ReadonlyMap<string, PageVisit>> {
  const context = await browser.newContext()
  const paths = pages()
  const forAxe = pagesForAxe(paths)
  const visits = new Map<string, PageVisit>()
  const queue = paths.values()
  const work = async (): Promise<void> => {
    const page = await context.newPage()
    const complaints = complaintsOf(page, origin)
    // The tabs share one queue.
    for (const path of queue) visits.set(path, await visitPage(page, complaints, origin + path, { accessible: forAxe.has(path) }))
  }
  await Promise.all(Array.from({ length: tabs }, work))
  await context.close()
  return visits
}

/** All that were written by hand. Of those that TypeDoc makes, the longest of each kind: the others are of the same parts. */
function pagesForAxe(paths: readonly string[]): ReadonlySet<string> {
  const longest = new Map<string, string>()
  for (const path of paths) {
    const kind = kindOf(path)
    const other = longest.get(kind)
    if (other === undefined || sizeOf(path) > sizeOf(other)) longest.set(kind, path)
  }
  return new Set(longest.values())
}

/** `interfaces` for a page of the reference that holds one; of other pages, each is of its own kind. */
function kindOf(path: string): string {
  if (!path.startsWith(`${base}reference/`)) return path
  return /\/([\w-]+)\/[\w-]+\.html$/.exec(path.replace(/^.*\/(index\.html)$/, '/index/$1'))![1]!
}

const sizeOf = (path: string): number => statSync(fileAt(path)!).size
