import { fileURLToPath } from 'node:url'
import { startPostgres, startProgram } from '@holdfast/testbed'
import { Pool } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'

const postgres = await startPostgres()
const server = await startProgram(process.execPath, ['--conditions=@holdfast/source', '--import', 'tsx', 'src/server.ts'], {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  env: { ...process.env, DATABASE_URL: postgres.url, SESSION_SECRET: 'only for the tests of this example', PORT: '0' },
})
const pool = new Pool({ connectionString: postgres.url })
let cookie = ''

beforeAll(async () => {
  expect(await textOf('GET', '/')).toBe('somebody: 1')
  expect((await ask('POST', '/sign-in')).status).toBe(303)
  expect(await textOf('GET', '/')).toBe('ada: 2')
})
afterAll(async () => {
  await server.stop()
  await pool.end()
  await postgres.stop()
})

test('the headers of the commit reach the browser: a cookie when a token is issued, and nothing where no session was asked for', async () => {
  const signedIn = await ask('POST', '/sign-in')
  expect(signedIn.headers.getSetCookie()).toEqual([expect.stringMatching(/^__Host-session=1\..*; Path=\/; .*HttpOnly/)])
  expect([signedIn.headers.get('location'), signedIn.headers.get('vary'), signedIn.headers.get('cache-control')]).toEqual([
    '/',
    'Cookie',
    'private, no-cache',
  ])
  const health = await ask('GET', '/health')
  expect([await health.text(), health.headers.get('vary')]).toEqual(['up', null])
})

test('while the database is silent, the answer is 503 with Retry-After, and what needs no session goes on; then the session is there again', async () => {
  // #region outage
  postgres.pause()
  const answers = await Promise.all(Array.from({ length: 30 }, (_, n) => ask('GET', n % 3 === 0 ? '/health' : '/')))
  const seen = answers.map(({ status, headers }) => `${status} ${headers.get('retry-after')} ${headers.getSetCookie().length}`)
  expect(seen).toEqual(answers.map((_, n) => (n % 3 === 0 ? '200 null 0' : '503 1 0')))
  expect(await textOf('GET', '/health')).toBe('down')
  postgres.resume()
  // Some connections were given up; the test's own time limit is the bound.
  while ((await ask('GET', '/')).status !== 200);
  expect(await textOf('GET', '/')).toMatch(/^ada: /)
  // #endregion outage
})

test('a save that fails is 503 in place of the answer, and the sign-in that was not stored sets no cookie', async () => {
  const before = cookie
  await pool.query('alter table holdfast_sessions add constraint nothing_more check (false) not valid')
  const answer = await ask('POST', '/sign-in')
  expect([answer.status, answer.headers.get('retry-after'), answer.headers.get('location')]).toEqual([503, '1', null])
  await pool.query('alter table holdfast_sessions drop constraint nothing_more')
  expect(cookie).toBe(before)
  expect(await textOf('GET', '/')).toMatch(/^ada: /)
})

test('a sign-out ends the session', async () => {
  const signedIn = cookie
  await ask('POST', '/sign-out')
  cookie = signedIn
  expect(await textOf('GET', '/')).toBe('somebody: 1')
})

test('SIGTERM ends the program in good order', async () => {
  await server.stop()
  const { rows } = await pool.query("select from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()")
  expect(rows).toEqual([])
})

/** As one browser, with its cookie. */
async function ask(method: string, path: string): Promise<Response> {
  const response = await fetch(`${server.origin}${path}`, { method, headers: { cookie }, redirect: 'manual' })
  cookie = response.headers.getSetCookie()[0]?.split(';', 1)[0] ?? cookie
  return response
}

async function textOf(method: string, path: string): Promise<string> {
  return (await ask(method, path)).text()
}
