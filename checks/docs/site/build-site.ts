import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify, stripVTControlCharacters } from 'node:util'

const root = join(import.meta.dirname, '../../..')

/** Where the site is built to. */
export const dist = join(root, 'docs/.vitepress/dist')

/** What a build without any trouble prints. */
const progress = [
  /^vitepress v[\d.]+$/,
  /^[-✓] (building client \+ server bundles|rendering pages|generating sitemap)\.\.\.$/,
  /^build complete in [\d.]+s\.$/,
]

/**
 * Builds the site, as one does by hand.
 *
 * @returns what it printed beside its progress: warnings
 * @throws Error with all that it printed, if it fails
 */
export async function buildSite(): Promise<string[]> {
  const args = ['run', '--silent', 'site', '-w', '@holdfast/docs']
  const printed = await promisify(execFile)('npm', args, { cwd: root, env: buildersEnvironment(), timeout: 240_000 }).catch(
    (error: Error & { stdout: string; stderr: string }) => {
      throw new Error(`the site was not built: ${error.stdout}\n${error.stderr}`)
    },
  )
  const lines = stripVTControlCharacters(printed.stdout + printed.stderr).split(/[\r\n]+/)
  return lines.map((line) => line.trim()).filter((line) => line !== '' && !progress.some((known) => known.test(line)))
}

/** This process's, without what vitest has put there. */
function buildersEnvironment(): NodeJS.ProcessEnv {
  const theirs = /^(VITEST|TEST$|DEV$|PROD$|MODE$|SSR$|BASE_URL$|NODE_ENV$|NODE_OPTIONS$)/
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !theirs.test(name)))
}
