import { program } from './program.ts'

/** What playwright-core's `chromium.launch` takes. */
export interface ChromiumLaunch {
  readonly executablePath: string
  readonly headless: true
  readonly args: string[]
}

/**
 * How to launch the Chromium of this machine for a test: no window, an empty profile, and nothing that calls home.
 *
 * @throws Error that says how to install it.
 * @example
 * import { chromium } from 'playwright-core'
 * const browser = await chromium.launch(chromiumLaunch())
 */
export function chromiumLaunch(): ChromiumLaunch {
  return {
    executablePath: program('chromium'),
    headless: true,
    args: [
      // Root, which containers run as, has no sandbox; the pages are the tests' own.
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  }
}
