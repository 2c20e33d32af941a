import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readdirSync, realpathSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { expect, onTestFinished, test, vi } from 'vitest'
import { startPostgres, type PostgresServer } from './postgres.ts'
import { program } from './program.ts'

const psql = join(dirname(realpathSync(program('postgres'))), 'psql')

async function query(url: string, sql: string): Promise<string> {
  const { stdout } = await promisify(execFile)(psql, ['--no-psqlrc', '--tuples-only', '--no-align', url, '--command', sql])
  return stdout.trim()
}

async function started(): Promise<PostgresServer> {
  const postgres = await startPostgres()
  onTestFinished(() => postgres.stop())
  return postgres
}

test('answers statements; two at once keep apart', async () => {
  const [one, other] = await Promise.all([started(), started()])
  expect(await query(one.url, 'create table only_here (word text); select 1 + 1')).toContain('2')
  await expect(query(other.url, 'table only_here')).rejects.toThrow('does not exist')
})

test('paused, neither an open connection nor a new one is answered; resumed, both are', async () => {
  const postgres = await started()
  const open = spawn(psql, ['--no-psqlrc', '--tuples-only', '--no-align', postgres.url])
  open.stdin.write("select 'open';\n")
  expect(String(await once(open.stdout, 'data'))).toBe('open\n')
  postgres.pause()
  const answers: string[] = []
  open.stdin.end("select 'asked before';\n")
  const answered = [
    once(open.stdout, 'data').then(([text]) => answers.push(String(text).trim())),
    query(postgres.url, "select 'asked anew'").then((text) => answers.push(text)),
  ]
  await sleep(100)
  expect(answers).toEqual([])
  postgres.resume()
  await Promise.all(answered)
  expect(answers.toSorted()).toEqual(['asked anew', 'asked before'])
})

test.each(['running', 'paused'])('stopped while it is %s, it leaves neither a process nor a folder', async (state) => {
  const postgres = await startPostgres()
  const folder = await query(postgres.url, 'show data_directory')
  const pids = await processes(postgres)
  if (state === 'paused') postgres.pause()
  await postgres.stop()
  await postgres.stop()
  expect(existsSync(dirname(folder))).toBe(false)
  expect(pids.filter(isThere)).toEqual([])
})

test.each([
  ['running', ''],
  ['paused', 'postgres.pause()'],
])('killed with its process while it is %s, it leaves neither a process nor a folder', async (_, before) => {
  const script = `
    import { startPostgres } from '${new URL('postgres.ts', import.meta.url).href}'
    const postgres = await startPostgres()
    process.stdin.once('data', () => { ${before}; process.kill(process.pid, 'SIGKILL') })
    process.stdout.write(postgres.url)
  `
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 'ignore'] })
  const [url] = (await once(child.stdout, 'data')) as [Buffer]
  const folder = await query(String(url), 'show data_directory')
  const pids = await processes({ url: String(url) })
  child.stdin.write('now')
  // The test's own time limit is the bound.
  while (existsSync(dirname(folder)) || pids.some(isThere)) await sleep(10)
})

test('says why it could not start, and leaves no folder', async () => {
  const folders = mkdtempSync(join(tmpdir(), 'holdfast-test-'))
  // Run by root, it is another user's.
  chmodSync(folders, 0o755)
  vi.stubEnv('TMPDIR', folders)
  await expect(startPostgres({ args: ['-c', 'no_such_setting=1'] })).rejects.toThrow(/ended at once[^]*no_such_setting/)
  expect(readdirSync(folders)).toEqual([])
  vi.unstubAllEnvs()
  rmdirSync(folders)
})

async function processes({ url }: { readonly url: string }): Promise<number[]> {
  const pids = await query(url, 'select pid from pg_stat_activity where pid <> pg_backend_pid()')
  return pids.split('\n').map(Number)
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
