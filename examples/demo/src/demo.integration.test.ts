import { execFileSync } from 'node:child_process'
import { chromiumLaunch, type RedisServer, startRedis } from '@holdfast/testbed'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Demo, failToStart, startDemo } from './start-demo.ts'

const everyone = new Set(['Hono', 'Koa', 'Nest'])
// Starting four processes takes its time on a busy machine.
const patience = 120_000

let browser: Browser
beforeAll(async () => {
  browser = await chromium.launch(chromiumLaunch())
})
afterAll(() => browser.close())

/** What the browsers complained about; an answer that was asked for is no complaint. */
const complaints: string[] = []
afterEach(async () => {
  for (const context of browser.contexts()) await context.close()
  if (complaints.length > 0) throw new Error(`the browser complained: ${complaints.splice(0).join(', ')}`)
})

describe('with sessions in memory', () => {
  let demo: Demo
  beforeAll(async () => {
    demo = await startDemo()
  }, patience)
  afterAll(() => demo.interrupt(), patience)

  test('prints its address, where sessions live, who answers and when sign-ins end, and nothing else', () => {
    const [address, crew, secret, ...more] = demo.output().split('\n')
    expect(address).toBe(`Holdfast demo on ${demo.url} with sessions in memory`)
    expect(crew).toMatch(/^Hono, Koa and Nest answer in turn, all in process \d+\.$/)
    expect(secret).toBe('SESSION_SECRET is not set: a random one signs the cookies, so sign-ins end with this demo.')
    expect(more).toEqual([])
  })

  describeShop(() => demo, { processes: 1 })

  test('what a person types is text; a name that is none is refused', async () => {
    const name = '<img src=x onerror=alert(1)>&amp;"\'</h1>'
    const page = await visit(demo.url)
    await page.fill('#name', ' ')
    await page.click('#sign-in')
    await page.getByText('A name takes 1 to 40 characters.').waitFor()
    await signIn(page, name)
    expect(await page.locator('h1').textContent()).toBe(`Welcome aboard, ${name}`)
    expect(await page.locator('img[src=x]').count()).toBe(0)
  })

  test('a form on another site changes nothing', async () => {
    const body = new URLSearchParams({ name: 'Eve' })
    const answer = await fetch(`${demo.url}/sign-in`, { method: 'POST', body, headers: { origin: 'https://elsewhere.example' } })
    expect(answer.status).toBe(403)
    expect(answer.headers.getSetCookie()).toEqual([])
  })

  test.each([
    { width: 375, colorScheme: 'light' },
    { width: 375, colorScheme: 'dark' },
    { width: 1280, colorScheme: 'light' },
    { width: 1280, colorScheme: 'dark' },
  ] as const)('at a width of $width, $colorScheme, nothing is wider', async ({ width, colorScheme }) => {
    const page = await visit(demo.url, { viewport: { width, height: 812 }, colorScheme })
    const pageWidth = () => page.evaluate<number>('document.documentElement.scrollWidth')
    const cardsFit = () =>
      page.evaluate<boolean>("[...document.querySelectorAll('.card')].every((card) => card.scrollWidth <= card.clientWidth)")
    expect(await pageWidth()).toBe(width)
    expect(await cardsFit()).toBe(true)
    await signIn(page, 'W'.repeat(40))
    await page.click('#race')
    await page.locator('[data-race-result] p').waitFor()
    expect(await pageWidth()).toBe(width)
    expect(await cardsFit()).toBe(true)
  })

  test('is usable under 127.0.0.1 too', async () => {
    const page = await visit(demo.url.replace('localhost', '127.0.0.1'))
    await signIn(page, 'Ada')
    await page.reload()
    expect(await page.locator('.badge').textContent()).toBe('live')
  })

  test('a port that is taken is named, and free after Ctrl-C', { timeout: patience }, async () => {
    const { port } = new URL(demo.url)
    expect(await failToStart({ PORT: port })).toBe(`Port ${port} is taken. Name another one: PORT=${Number(port) + 1} npm start`)
    await demo.interrupt()
    await expect(fetch(demo.url)).rejects.toThrow('fetch failed')
  })
})

describe('with sessions in Redis', () => {
  let redis: RedisServer
  let demo: Demo
  beforeAll(async () => {
    redis = await startRedis({ appendonly: true })
    demo = await startDemo({ REDIS_URL: redis.url, SESSION_SECRET: 'only for the tests, and long enough' })
  }, patience)
  afterAll(async () => {
    await demo.interrupt()
    await redis.close()
  }, patience)

  test('prints its address, where sessions live and who answers, and nothing else', () => {
    const [address, crew, ...more] = demo.output().split('\n')
    expect(address).toBe(`Holdfast demo on ${demo.url} with sessions in Redis at 127.0.0.1:${redis.port}`)
    expect(crew).toMatch(/^Hono \(process \d+\), Koa \(process \d+\) and Nest \(process \d+\) answer in turn\.$/)
    expect(more).toEqual([])
  })

  describeShop(() => demo, { processes: 3 })

  test('a Redis that dies signs nobody out, nor does a server; and no server outlives the front door', { timeout: patience }, async () => {
    const page = await visit(demo.url)
    await signIn(page, 'Lise')

    await redis.kill()
    expect((await page.goto(demo.url))?.status()).toBe(503)
    await redis.restart()
    await page.getByRole('heading', { name: 'Welcome aboard, Lise' }).waitFor()

    const { by, pid } = await answerer(page)
    process.kill(pid, 'SIGKILL')
    await demo.printed(new RegExp(`${by} \\(process ${pid}\\) ended with SIGKILL`))
    for (const _ of [1, 2, 3]) {
      expect((await page.goto(demo.url))?.status()).toBe(200)
      expect(await page.locator('h1').textContent()).toBe('Welcome aboard, Lise')
    }
    await demo.printed(new RegExp(`${by} is back \\(process \\d+\\)`))

    await page.context().close()
    const servers = [...demo.output().matchAll(/(?<=process )\d+/g)].map(Number).filter(isRunning)
    expect(servers).toHaveLength(3)
    const frontDoor = Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(servers[0])], { encoding: 'utf8' }))
    process.kill(frontDoor, 'SIGKILL')
    await expect.poll(() => servers.filter(isRunning), { timeout: 10_000 }).toEqual([])
  })
})

/** What holds however many processes the servers are. */
function describeShop(running: () => Demo, { processes }: { readonly processes: number }): void {
  test('the servers answer in turn: one signs in, others fill the cart, and each version says who wrote it', async () => {
    // Without a script nothing asks in between, so that the turns are certain.
    const page = await visit(running().url, { javaScriptEnabled: false })
    const pages = [await answerer(page)]
    for (const _ of [1, 2]) {
      await page.reload()
      pages.push(await answerer(page))
    }
    expect(new Set(pages.map(({ by }) => by))).toEqual(everyone)
    expect(new Set(pages.map(({ pid }) => pid)).size).toBe(processes)

    await signIn(page, 'Mary')
    await page.click('#add-lantern')
    await cartHolds(page, 1)
    await page.click('#add-rope')
    await cartHolds(page, 2)
    const versions = await page.locator('.versions li').allTextContents()
    expect(versions.map((line) => line.replaceAll(/\s+/g, ' ').trim())).toEqual([
      expect.stringMatching(/^3\.[\w-]{4}… \w+ \+1 rope$/),
      expect.stringMatching(/^2\.[\w-]{4}… \w+ \+1 lantern$/),
      expect.stringMatching(/^1\.[\w-]{4}… \w+ signed in$/),
    ])
    expect(new Set(await page.locator('.versions .tag').allTextContents())).toEqual(everyone)

    await page.click('#remove-rope')
    await cartHolds(page, 1)
    await page.click('#sign-out')
    await page.locator('#sign-in').waitFor()
  })

  test('a person signs in, fills the cart, reloads and signs out; the old cookie opens nothing', async () => {
    const page = await visit(running().url)
    expect(await page.context().cookies()).toEqual([])
    await page.click('#add-anchor')
    await cartHolds(page, 1)
    const before = await page.locator('[data-id]').textContent()

    await signIn(page, 'Ada')
    expect(await page.locator('[data-id]').textContent()).not.toBe(before)
    await page.click('#add-rope')
    await cartHolds(page, 2)
    await page.click('#remove-anchor')
    await cartHolds(page, 1)
    await page.reload()
    await cartHolds(page, 1)
    const data: unknown = JSON.parse((await page.locator('pre').textContent()) ?? '')
    const did = (step: string) => ({ by: expect.stringMatching(/^(?:Hono|Koa|Nest)$/), did: step })
    expect(data).toEqual({ cart: { rope: 1 }, name: 'Ada', trail: ['+1 anchor', 'signed in', '+1 rope', '−1 anchor'].map(did) })

    const [cookie] = await page.context().cookies()
    expect(cookie).toMatchObject({ name: '__Host-session', secure: true, httpOnly: true, sameSite: 'Lax', expires: -1 })
    const [, token = '', deadline = '', signature = ''] = cookie?.value.split('.') ?? []
    const markup = await page.content()
    for (const part of [`${token.slice(0, 4)}…`, deadline, 'HMAC-SHA-256']) expect(markup).toContain(part)
    for (const part of [token.slice(0, 8), signature]) expect(markup).not.toContain(part)

    await page.click('#sign-out')
    await page.locator('#sign-in').waitFor()
    expect(await page.context().cookies()).toEqual([])
    // Nobody asks while the cookie is put back.
    await page.goto('about:blank')
    await page.context().addCookies([cookie!])
    await page.goto(running().url)
    expect(await page.locator('.badge').textContent()).toBe('ended')
    await page.locator('#sign-in').waitFor()
  })

  test('two tabs race over three servers, and not an item is lost', async () => {
    const one = await visit(running().url)
    await signIn(one, 'Grace')
    const other = await one.context().newPage()
    await other.goto(running().url)
    await Promise.all([one.click('#race'), other.click('#race')])
    const carriedOutBy = new Set<string | null>()
    for (const tab of [one, other]) {
      expect(await tab.locator('[data-race-result] p').textContent()).toMatch(/^20 requests saved, .*not one lost/)
      for (const dot of await tab.locator('.dot').all()) carriedOutBy.add(await dot.getAttribute('data-by'))
    }
    expect(carriedOutBy).toEqual(everyone)
    await one.reload()
    await cartHolds(one, 40)
  })

  test('an open tab shows what another one does, and is told of its sign-out', async () => {
    const one = await visit(running().url)
    await signIn(one, 'Edith')
    const other = await one.context().newPage()
    await other.goto(running().url)
    await other.click('#add-cleat')
    await one.locator('[data-counter="2"]').waitFor()
    await cartHolds(one, 1)
    await other.click('#sign-out')
    await one.getByRole('status').getByText('You were signed out in another tab.').waitFor()
    await one.locator('#sign-in').waitFor()
    expect(await one.locator('h1').textContent()).not.toContain('Edith')
    await signIn(other, 'Emmy')
    await one.getByRole('status').getByText('You are Emmy now').waitFor()
  })

  test('whoever comes with a session that has been ended elsewhere is told', async () => {
    const here = await visit(running().url)
    await signIn(here, 'Hedy')
    const there = await visit('about:blank')
    await there.context().addCookies(await here.context().cookies())
    await there.goto(running().url)
    await there.getByRole('heading', { name: 'Welcome aboard, Hedy' }).waitFor()
    await here.click('#sign-out')
    await there.getByRole('status').getByText('this session has been ended').waitFor()
  })

  test('a store that is cut off is a 503 of every server; then the person is still signed in', async () => {
    const page = await visit(running().url)
    await signIn(page, 'Joan')
    await page.click('#outage')
    await page.getByRole('heading', { name: 'The session store does not answer' }).waitFor()
    for (const answer of await Promise.all([1, 2, 3].map(() => page.request.get(running().url)))) {
      expect(answer.status()).toBe(503)
      expect(answer.headers()).toMatchObject({ 'retry-after': '1', 'cache-control': 'no-store' })
      expect(answer.headers()).not.toHaveProperty('set-cookie')
    }
    await page.getByRole('heading', { name: 'Welcome aboard, Joan' }).waitFor()
  })

  test('what is not there is a page that says so, whoever answers', async () => {
    for (const path of ['/nothing', '/nothing', '/nothing'])
      expect((await fetch(running().url + path)).headers.get('content-type')).toMatch(/^text\/html; charset=utf-8$/i)
    for (const sku of ['oar', 'oar', 'oar'])
      expect((await fetch(`${running().url}/cart/${sku}/add`, { method: 'POST', headers: { origin: running().url } })).status).toBe(404)
  })
}

/** A page in a browser of its own, with nothing in its jar. */
async function visit(url: string, options?: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options })
  const page = await context.newPage()
  context.on('weberror', (error) => complaints.push(error.error().message))
  context.on('console', (message) => {
    if (message.type() === 'error' && !/status of (?:422|503)/.test(message.text())) complaints.push(message.text())
  })
  await page.goto(url)
  return page
}

/** Who made this page. */
async function answerer(page: Page): Promise<{ by: string | null; pid: number }> {
  return { by: await page.locator('[data-answered-by]').textContent(), pid: Number(await page.locator('[data-pid]').textContent()) }
}

async function signIn(page: Page, name: string): Promise<void> {
  await page.fill('#name', name)
  await page.click('#sign-in')
  await page.getByRole('heading', { name: `Welcome aboard, ${name}` }).waitFor()
}

async function cartHolds(page: Page, items: number): Promise<void> {
  await page.locator(`[data-count="${items}"]`).waitFor()
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
