import { chromiumLaunch, type RedisServer, startRedis } from '@holdfast/testbed'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type Demo, failToStart, startDemo } from './start-demo.ts'

let browser: Browser
beforeAll(async () => {
  browser = await chromium.launch(chromiumLaunch())
})
afterAll(() => browser.close())

/** What the browsers complained about; a 503 that was asked for is no complaint. */
const complaints: string[] = []
afterEach(async () => {
  for (const context of browser.contexts()) await context.close()
  if (complaints.length > 0) throw new Error(`the browser complained: ${complaints.splice(0).join(', ')}`)
})

describe.each(['memory', 'Redis'])('with sessions in %s', (place) => {
  let redis: RedisServer | undefined
  let demo: Demo
  beforeAll(async () => {
    if (place === 'Redis') redis = await startRedis({ appendonly: true })
    demo = await startDemo({ REDIS_URL: redis?.url, SESSION_SECRET: 'only for the tests, and long enough' })
  })
  afterAll(async () => {
    await demo.interrupt()
    await redis?.close()
  })

  test('prints its address and where sessions live, and nothing else', () => {
    expect(demo.output()).toBe(`Holdfast demo on ${demo.url} with sessions in ${redis ? `Redis at 127.0.0.1:${redis.port}` : 'memory'}`)
  })

  test('a person signs in, fills the cart, reloads and signs out; the old cookie opens nothing', async () => {
    const page = await visit(demo.url)
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
    expect(await page.locator('pre').textContent()).toBe('{\n  "cart": {\n    "rope": 1\n  },\n  "name": "Ada"\n}')

    const [cookie] = await page.context().cookies()
    expect(cookie).toMatchObject({ name: '__Host-session', secure: true, httpOnly: true, sameSite: 'Lax', expires: -1 })
    const [, token = '', , signature = ''] = cookie?.value.split('.') ?? []
    const markup = await page.content()
    expect(markup).toContain(`${token.slice(0, 4)}…`)
    expect(markup).not.toContain(token.slice(0, 8))
    expect(markup).not.toContain(signature)

    await page.click('#sign-out')
    await page.locator('#sign-in').waitFor()
    expect(await page.context().cookies()).toEqual([])
    await page.context().addCookies([cookie!])
    await page.reload()
    expect(await page.locator('[data-outcome]').textContent()).toBe('ended')
    await page.locator('#sign-in').waitFor()
  })

  test('two tabs race, and not an item is lost', async () => {
    const one = await visit(demo.url)
    await signIn(one, 'Grace')
    const other = await one.context().newPage()
    await other.goto(demo.url)
    await Promise.all([one.click('#race'), other.click('#race')])
    for (const tab of [one, other])
      expect(await tab.locator('[data-race-result] p').textContent()).toMatch(/^20 requests saved, .*not one lost/)
    await one.reload()
    await cartHolds(one, 40)
  })

  test('a store that is cut off is a 503 that says so; then the person is still signed in', async () => {
    const page = await visit(demo.url)
    await signIn(page, 'Joan')
    await page.click('#outage')
    await page.getByRole('heading', { name: 'The session store does not answer' }).waitFor()
    const answer = await page.request.get(demo.url)
    expect(answer.status()).toBe(503)
    expect(answer.headers()).toMatchObject({ 'retry-after': '1', 'cache-control': 'no-store' })
    expect(answer.headers()).not.toHaveProperty('set-cookie')
    await page.getByRole('heading', { name: 'Welcome aboard, Joan' }).waitFor()
  })

  test('without JavaScript, forms do', async () => {
    const page = await visit(demo.url, { javaScriptEnabled: false })
    await signIn(page, 'Mary')
    await page.click('#add-lantern')
    await cartHolds(page, 1)
    await page.click('#remove-lantern')
    await cartHolds(page, 0)
    await page.click('#sign-out')
    await page.locator('#sign-in').waitFor()
  })

  test('what a person types is text', async () => {
    const name = '<img src=x onerror=alert(1)>&amp;"\'</h1>'
    const page = await visit(demo.url)
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

  test('at the width of a phone, nothing is wider', async () => {
    const page = await visit(demo.url, { viewport: { width: 375, height: 812 } })
    const width = () => page.evaluate<number>('document.documentElement.scrollWidth')
    const cards = () =>
      page.evaluate<boolean>("[...document.querySelectorAll('.card')].every((card) => card.scrollWidth <= card.clientWidth)")
    expect(await width()).toBe(375)
    expect(await cards()).toBe(true)
    await signIn(page, 'W'.repeat(40))
    await page.click('#race')
    await page.locator('[data-race-result] p').waitFor()
    expect(await width()).toBe(375)
    expect(await cards()).toBe(true)
  })

  test('is usable under 127.0.0.1 too', async () => {
    const page = await visit(demo.url.replace('localhost', '127.0.0.1'))
    await signIn(page, 'Ada')
    await page.reload()
    expect(await page.locator('[data-outcome]').textContent()).toBe('live')
  })
})

test('a Redis that dies and comes back signs nobody out', async () => {
  const redis = await startRedis({ appendonly: true })
  onTestFinished(() => redis.close())
  const demo = await startDemo({ REDIS_URL: redis.url })
  onTestFinished(() => demo.interrupt())
  const page = await visit(demo.url)
  await signIn(page, 'Lise')
  await redis.kill()
  expect((await page.goto(demo.url))?.status()).toBe(503)
  await redis.restart()
  await page.getByRole('heading', { name: 'Welcome aboard, Lise' }).waitFor()
})

test('npm start says when sign-ins end with the process, and frees its port on Ctrl-C', async () => {
  const demo = await startDemo()
  onTestFinished(() => demo.interrupt())
  expect(demo.output()).toContain('SESSION_SECRET is not set: a random one signs the cookies, so sign-ins end with this process.')
  const { port } = new URL(demo.url)
  expect(await failToStart({ PORT: port })).toBe(`Port ${port} is taken. Name another one: PORT=${Number(port) + 1} npm start`)
  await demo.interrupt()
  await expect(fetch(demo.url)).rejects.toThrow('fetch failed')
})

/** A page in a browser of its own, with nothing in its jar. */
async function visit(url: string, options?: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  context.on('weberror', (error) => complaints.push(error.error().message))
  context.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('status of 503')) complaints.push(message.text())
  })
  await page.goto(url)
  return page
}

async function signIn(page: Page, name: string): Promise<void> {
  await page.fill('#name', name)
  await page.click('#sign-in')
  await page.getByRole('heading', { name: `Welcome aboard, ${name}` }).waitFor()
}

async function cartHolds(page: Page, items: number): Promise<void> {
  await page.locator(`[data-count="${items}"]`).waitFor()
}
