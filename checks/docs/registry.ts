import { execFileSync } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { listen } from '@holdfast/testbed'
import { folders } from '../packed/install.ts'

const root = join(import.meta.dirname, '../..')

/** A registry of npm on 127.0.0.1 that has the packages of this project, as they would be published. */
export interface Registry {
  /** A user configuration for npm: this machine's, and this registry for `@holdfast`. */
  readonly userConfig: string
  close(): Promise<void>
}

/**
 * Packs what has been built, and serves it.
 *
 * @throws Error where a package has not been built.
 */
export async function startRegistry(): Promise<Registry> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-registry-'))
  const tarballs = pack(folder)
  // npm keeps answers by their address; a path of its own keeps those of an earlier run out.
  const path = `/${randomUUID()}`
  const answers = new Map<string, string | Buffer>()
  const { url, close } = await listen(createServer(answerFrom(answers)))
  for (const { name, manifest, tarball } of tarballs) {
    const address = `${path}/${name}.tgz`
    const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`
    const version = { ...manifest, dist: { integrity, tarball: url + address } }
    answers.set(address, tarball)
    answers.set(
      `${path}/${name}`,
      JSON.stringify({ name, 'dist-tags': { latest: manifest.version }, versions: { [manifest.version]: version } }),
    )
  }
  const userConfig = join(folder, 'npmrc')
  writeFileSync(userConfig, `${machinesConfig()}\n@holdfast:registry=${url}${path}/\n`)
  return {
    userConfig,
    async close() {
      await close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

interface Packed {
  readonly name: string
  readonly manifest: { readonly version: string }
  readonly tarball: Buffer
}

function pack(folder: string): Packed[] {
  const sources = folders.map((name) => join(root, 'packages', name))
  const unbuilt = sources.find((source) => !existsSync(join(source, 'dist')))
  if (unbuilt !== undefined) throw new Error(`${unbuilt} is not built: run "npm run build" first.`)
  const args = ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder, ...sources]
  const files = execFileSync('npm', args, { cwd: root, encoding: 'utf8', timeout: 120_000 }).trim().split('\n')
  return sources.map((source, index) => {
    const manifest = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as { name: string; version: string }
    return { name: manifest.name, manifest, tarball: readFileSync(join(folder, files[index]!)) }
  })
}

function answerFrom(answers: ReadonlyMap<string, string | Buffer>): RequestListener {
  return (req, res) => {
    const answer = answers.get(decodeURIComponent(req.url!))
    res.setHeader('cache-control', 'no-store')
    if (answer === undefined) res.writeHead(404).end()
    else res.setHeader('content-type', typeof answer === 'string' ? 'application/json' : 'application/octet-stream').end(answer)
  }
}

/** What the user of this machine tells npm: where its registry is, for one. */
function machinesConfig(): string {
  const file = process.env['npm_config_userconfig'] ?? join(homedir(), '.npmrc')
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}
