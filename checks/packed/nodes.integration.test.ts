import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '@holdfast/testbed'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { projectWithPackages } from './install.ts'
import { namesBy } from './names-by.ts'
import { findNode24 } from './node-24/program.mjs'
import { runProgram } from './run-program.ts'

const start = join(import.meta.dirname, '../../examples/start')

let project: string
beforeAll(() => {
  project = projectWithPackages()
})
afterAll(() => rmSync(project, { recursive: true, force: true }))

test('Node 24 is there', () => expect(findNode24()).toBeDefined())

const nodes = [
  { version: process.version, node: process.execPath },
  { version: 'v24', node: findNode24() },
]
describe.each(nodes)('on Node $version, without a warning', ({ node }) => {
  test('import and require give the same names', () => {
    const names = namesBy('import', { project, node })
    expect(names).toHaveProperty(['@holdfast/core'], expect.arrayContaining(['createSessions']))
    expect(namesBy('require', { project, node })).toEqual(names)
  })

  test('an application on Nest in JavaScript, as CommonJS, serves who signed in, on Express and on Fastify', () => {
    const program = readFileSync(join(import.meta.dirname, 'nest-app.cjs'), 'utf8')
    const answers = { stranger: 401, signIn: 201, account: { user: 'ann', sameInOtherCopy: true } }
    expect(runProgram({ project, node, file: 'nest-app.cjs', program })).toEqual([answers, answers])
  })

  const frameworks = ['hono', 'koa', 'express', 'node']
  test.each(frameworks.flatMap((framework) => ['mjs', 'cjs'].map((extension) => ({ framework, extension }))))(
    'a server on $framework counts visits, signs in and out: .$extension',
    async ({ framework, extension }) => {
      const file = `${framework}.${extension}`
      writeFileSync(join(project, file), readFileSync(join(start, framework, `server.${extension}`)))
      const env = { ...process.env, PORT: String(await freePort()), SESSION_SECRET: 'a secret for tests, of 32 bytes or more' }
      const server = spawn(node!, [file], { cwd: project, env, stdio: ['ignore', 'pipe', 'pipe'] })
      let stderr = ''
      server.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
      const closed = once(server, 'close')
      try {
        // It logs its address once it listens. One that ends before closes its output.
        const [address] = await Promise.race([once(server.stdout, 'data'), closed.then(() => [''])])
        expect([String(address).trim(), stderr]).toEqual([`http://localhost:${env.PORT}`, ''])
        expect(await visit(`http://localhost:${env.PORT}`)).toEqual(['Visits: 1', 'Visits: 2', 'Hello, Ann', 'Visits: 3', 'Visits: 1'])
      } finally {
        server.kill()
        await closed
      }
      expect(stderr).toBe('')
    },
  )
})

/** What the pages say, from the first visit to the one after signing out. */
async function visit(origin: string): Promise<string[]> {
  let cookie = ''
  const request = async (path: string, init: RequestInit = {}): Promise<string> => {
    const answer = await fetch(origin + path, { ...init, headers: { cookie }, redirect: 'manual', signal: AbortSignal.timeout(10_000) })
    for (const line of answer.headers.getSetCookie()) cookie = line.split(';', 1)[0]!
    return answer.text()
  }
  const seen = async (): Promise<string[]> => (await request('/')).match(/Visits: \d+|Hello, \w+/g) ?? []
  const before = [...(await seen()), ...(await seen())]
  await request('/sign-in', { method: 'POST', body: new URLSearchParams({ name: 'Ann' }) })
  const signedIn = (await seen()).toReversed()
  await request('/sign-out', { method: 'POST' })
  return [...before, ...signedIn, ...(await seen())]
}
