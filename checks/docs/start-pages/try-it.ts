import type { BrowserContext, Page } from 'playwright-core'
import { expect } from 'vitest'

/** Somebody who does what a page says, in a browser. */
export interface Visitor {
  readonly context: BrowserContext
  readonly page: Page
  /** What stands for `http://localhost:3000`. */
  readonly origin: string
  /** Stops the server and starts it again. */
  restart(): Promise<void>
}

// With what would be markup, and so shows whether it is escaped.
const name = 'Ann <b>& Co</b>'

/** How each line of the pages' numbered lists is done, by its text. A line that is not here cannot be followed. */
export const steps: Readonly<Record<string, (visitor: Visitor) => Promise<void>>> = {
  'Open <http://localhost:3000>. The page says `Visits: 1`.': async ({ page, origin }) => {
    await page.goto(origin)
    expect(await visits(page)).toBe('Visits: 1')
  },
  'Reload the page. It says `Visits: 2`.': async ({ page }) => {
    await page.reload()
    expect(await visits(page)).toBe('Visits: 2')
  },
  'Enter a name and press *Sign in*. The page greets you and says `Visits: 3`. The cookie `__Host-session` has a new value.': async (
    visitor,
  ) => {
    const before = await cookie(visitor)
    await signIn(visitor)
    expect(await visits(visitor.page)).toBe('Visits: 3')
    const after = await cookie(visitor)
    expect([after.length > 64, after === before]).toEqual([true, false])
    expect(await pageWith(visitor, before)).not.toContain('Hello')
    expect(await pageWith(visitor, after)).toContain('Hello')
  },
  'Press *Sign out*. The page says `Visits: 1`, and the cookie of before opens nothing.': async (visitor) => {
    const before = await cookie(visitor)
    await visitor.page.getByRole('button', { name: 'Sign out' }).click()
    await visitor.page.getByRole('button', { name: 'Sign in' }).waitFor()
    expect(await visits(visitor.page)).toBe('Visits: 1')
    const answer = await pageWith(visitor, before)
    expect(answer).toContain('Visits: 1')
    expect(answer).not.toContain('Hello')
  },
  'Open <http://localhost:3000> and sign in.': async (visitor) => {
    await visitor.page.goto(visitor.origin)
    await signIn(visitor)
  },
  'Stop the server with Ctrl+C, and start it again. Reload the page: you are still signed in.': async ({ page, restart }) => {
    await restart()
    await page.reload()
    expect(await page.getByText('Hello').textContent()).toContain(name)
  },
}

async function signIn({ page }: Visitor): Promise<void> {
  await page.getByPlaceholder('Your name').fill(name)
  await page.getByRole('button', { name: 'Sign in' }).click()
  expect(await page.getByText('Hello').textContent()).toContain(name)
}

const visits = (page: Page): Promise<string | null> => page.getByText('Visits').textContent()

async function cookie({ context }: Visitor): Promise<string> {
  const all = await context.cookies()
  return all.find((one) => one.name === '__Host-session')?.value ?? ''
}

async function pageWith({ origin }: Visitor, value: string): Promise<string> {
  return (await fetch(origin, { headers: { cookie: `__Host-session=${value}` } })).text()
}
