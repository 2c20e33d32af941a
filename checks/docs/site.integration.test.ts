import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { sessionError, type SessionErrorCode } from '@holdfast/core'
import { chromiumLaunch } from '@holdfast/testbed'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildSite, dist } from './site/build-site.ts'
import { crawl } from './site/crawl.ts'
import { deadLinks, orphans } from './site/dead-links.ts'
import { publicNames } from './site/public-names.ts'
import { base, serveSite, type Site } from './site/serve-site.ts'
import { complaintsOf, untilAlive, type PageVisit } from './site/visit-page.ts'

// The documentation as a reader finds it.

let warnings: string[]
let site: Site
let browser: Browser
let visits: ReadonlyMap<string, PageVisit>
beforeAll(async () => {
  ;[warnings, browser] = await Promise.all([buildSite(), chromium.launch(chromiumLaunch())])
  site = await serveSite()
  visits = await crawl(browser, site.origin)
  // Some hundred and fifty pages, twice each: minutes, and more where other tests have the processors.
}, 600_000)
afterAll(async () => {
  await Promise.all([browser?.close(), site?.close()])
})

const names = publicNames()

/** Does something on a page, which must not complain. */
async function onPage(path: string, width: number, act: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ viewport: { width, height: 812 }, colorScheme: 'light', reducedMotion: 'reduce' })
  try {
    const page = await context.newPage()
    const complaints = complaintsOf(page, site.origin)
    await page.goto(site.origin + path)
    await untilAlive(page)
    await act(page)
    expect(complaints).toEqual([])
  } finally {
    await context.close()
  }
}

test('the build warns of nothing', () => expect(warnings).toEqual([]))

test('no page complains, asks another host, is wider than a phone, or bars anybody from it', () => {
  const faults = [...visits].flatMap(([path, visit]) => visit.faults.map((fault) => `${path} ${fault}`))
  expect(faults).toEqual([])
})

test('each link leads somewhere, each hash to what is there, and a link to each page', () => {
  expect(deadLinks(visits, site.origin)).toEqual([])
  expect(orphans(visits)).toEqual([])
})

test('each page has one heading of the first level, and a title of its own', () => {
  expect([...visits].filter(([, { headings }]) => headings.length !== 1).map(([path]) => path)).toEqual([])
  const written = [...visits].filter(([path]) => !path.startsWith(`${base}reference/`)).map(([, { title }]) => title)
  expect(new Set(written).size).toBe(written.length)
})

test('each export of each entry, types too, has a page in the reference', () => {
  const missing = names.filter(({ entry, name, isValue, isType, isPassedOn }) => {
    const folder = `reference/${entry.replace('@holdfast/', '')}`
    if (isPassedOn) return visits.get(`${base}${folder}/index.html`)?.ids.has(name.toLowerCase()) !== true
    const hasPage = (kind: string): boolean => existsSync(join(dist, folder, kind, `${name}.html`))
    const asValue = ['functions', 'classes', 'variables'].some(hasPage)
    const asType = ['interfaces', 'type-aliases', 'classes'].some(hasPage)
    return (isValue && !asValue) || (isType && !asType)
  })
  expect(names.length).toBeGreaterThan(50)
  expect(missing).toEqual([])
})

test('each error leads to its entry', async () => {
  const codes = names.find(({ name }) => name === 'SessionErrorCode')!.members as readonly SessionErrorCode[]
  expect(codes).toContain('ERR_OPTION')
  await onPage(`${base}errors.html`, 1280, async (page) => {
    for (const code of codes) {
      const { pathname, hash } = new URL(sessionError(code, '').docs)
      expect(pathname).toBe(`${base}errors.html`)
      await page.goto(site.origin + pathname + hash)
      const heading = page.locator(`h2${hash}`)
      expect(await heading.textContent()).toContain(code)
      expect((await heading.boundingBox())!.y).toBeLessThan(812)
    }
  })
})

test('the search finds an error code, and opens its entry', async () => {
  await onPage(`${base}index.html`, 1280, async (page) => {
    await page.getByRole('button', { name: 'Search' }).click()
    await page.getByRole('searchbox').fill('ERR_CONFLICT')
    const first = page.getByRole('listbox').getByRole('option').first()
    await first.getByText('ERR_CONFLICT').first().waitFor()
    await page.getByRole('searchbox').press('Enter')
    await page.waitForURL(`${site.origin}${base}errors.html#err_conflict`)
    await page.locator('h2#err_conflict').waitFor()
  })
})

test('the switch makes it dark, and it stays dark', async () => {
  await onPage(`${base}index.html`, 1280, async (page) => {
    const isDark = async (): Promise<boolean> => page.evaluate("document.documentElement.classList.contains('dark')")
    const background = async (): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor')
    const light = await background()
    await page.getByRole('switch', { name: /dark theme/ }).click()
    expect([await isDark(), (await background()) === light]).toEqual([true, false])
    await page.reload()
    expect(await isDark()).toBe(true)
  })
})

test('on a phone the menu leads to a page', async () => {
  await onPage(`${base}index.html`, 375, async (page) => {
    await page.getByRole('button', { name: 'mobile navigation' }).click()
    await page.locator('.VPNavScreen').getByRole('link', { name: 'Concepts' }).click()
    await page.waitForURL(`${site.origin}${base}concepts.html`)
    await page.getByRole('button', { name: 'Menu', exact: true }).click()
    await page.locator('.VPSidebar').getByRole('link', { name: 'Concurrency' }).click()
    await page.waitForURL(`${site.origin}${base}concurrency.html`)
    await page.getByRole('heading', { level: 1, name: 'Concurrency' }).waitFor()
  })
})
