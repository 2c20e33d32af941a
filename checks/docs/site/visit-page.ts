import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const require = createRequire(import.meta.url)
const axe = require.resolve('axe-core/axe.min.js')

/** What is looked at on a page. */
export interface PageVisit {
  readonly title: string
  /** Its first-level headings. */
  readonly headings: string[]
  /** What a link's hash may name. */
  readonly ids: ReadonlySet<string>
  /** Where its links lead, as absolute addresses. */
  readonly links: string[]
  /** What is wrong with it, each a line. */
  readonly faults: string[]
}

/** Each size and each scheme once: colours do not depend on the size. */
const looks = [
  { width: 1280, height: 900, colorScheme: 'light' },
  { width: 375, height: 812, colorScheme: 'dark' },
] as const

/** Opens a page in the tab, which has `complaints`. `accessible`: has axe look at it as well. */
export async function visitPage(
  page: Page,
  complaints: string[],
  url: string,
  { accessible }: { accessible: boolean },
): Promise<PageVisit> {
  await look(page, looks[0])
  await page.goto(url)
  await untilAlive(page)
  const seen = await page.evaluate<Omit<PageVisit, 'ids' | 'faults'> & { ids: string[] }>(`({
    title: document.title,
    headings: [...document.querySelectorAll('h1')].map((heading) => heading.textContent),
    ids: [...document.querySelectorAll('[id]')].map(({ id }) => id),
    links: [...new Set([...document.querySelectorAll('a[href]')].map(({ href }) => href))],
  })`)
  const faults: string[] = []
  if (accessible) await page.addScriptTag({ path: axe })
  for (const each of looks) {
    await look(page, each)
    await page.waitForFunction(`document.documentElement.classList.contains('dark') === ${each.colorScheme === 'dark'}`)
    const width = await page.evaluate<number>('document.scrollingElement.scrollWidth')
    if (width > each.width) faults.push(`is ${width} px wide on a screen of ${each.width} px: ${await widest(page, each.width)}`)
    if (accessible) faults.push(...(await barriers(page)).map((found) => `${each.width} px, ${each.colorScheme}: ${found}`))
  }
  return { ...seen, ids: new Set(seen.ids), faults: [...complaints.splice(0), ...faults] }
}

async function look(page: Page, { width, height, colorScheme }: (typeof looks)[number]): Promise<void> {
  await page.setViewportSize({ width, height })
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
}

/** Collects what the page says and asks for from here on that it should not. */
export function complaintsOf(page: Page, origin: string): string[] {
  const complaints: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => complaints.push(`threw ${error.message}`))
  page.on('request', (request) => {
    if (!request.url().startsWith(`${origin}/`) && !request.url().startsWith('data:'))
      complaints.push(`asked another host: ${request.url()}`)
  })
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} for ${response.url()}`)
  })
  page.on('requestfailed', (request) => {
    // What a page prefetches is aborted when the tab goes on.
    const text = request.failure()?.errorText
    if (text !== 'net::ERR_ABORTED') complaints.push(`${text} for ${request.url()}`)
  })
  return complaints
}

/** Resolves when the page's scripts have taken over what the server sent. */
export async function untilAlive(page: Page): Promise<void> {
  await page.waitForFunction('document.querySelector("#app").__vue_app__?._container?._vnode != null')
}

/** What sticks out. */
async function widest(page: Page, width: number): Promise<string> {
  const found = await page.evaluate<string[]>(
    // What stands in a block that scrolls by itself may.
    `[...document.querySelectorAll('body *')]
      .filter((one) => one.getBoundingClientRect().right > ${width + 1} && one.closest('pre, table, nav, aside') === null)
      .map((one) => one.outerHTML.slice(0, 80))`,
  )
  return found.slice(0, 3).join(' and ')
}

interface Violation {
  readonly id: string
  readonly impact: string
  readonly nodes: readonly { readonly target: readonly string[]; readonly any: readonly { readonly message: string }[] }[]
}

/** What axe calls serious or critical. */
async function barriers(page: Page): Promise<string[]> {
  const violations = await page.evaluate<Violation[]>(
    `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)`,
  )
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => {
      const [first, ...others] = nodes
      return `${id} at ${first!.target.join(' ')}, and ${others.length} more: ${first!.any.map(({ message }) => message).join(', ')}`
    })
}
