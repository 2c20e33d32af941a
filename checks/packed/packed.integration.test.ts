import { copyFileSync, readdirSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import ts6 from 'typescript'
import ts59 from 'typescript-5.9'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { entriesOf, linkPeer, packages, projectWithPackages, unlinkPeer } from './install.ts'
import { namesBy } from './names-by.ts'
import { runProgram } from './run-program.ts'

let project: string
beforeAll(() => {
  project = projectWithPackages()
})
afterAll(() => rmSync(project, { recursive: true, force: true }))

const run = (file: string, program: string): unknown => runProgram({ project, file, program })

test('each entry exports these names, by import and by require', () => {
  const names = namesBy('import', { project })
  expect(names).toMatchInlineSnapshot(`
    {
      "@holdfast/adapter-hono": [
        "getSession",
        "sessionMiddleware",
      ],
      "@holdfast/adapter-koa": [
        "getSession",
        "sessionMiddleware",
      ],
      "@holdfast/adapter-nest": [
        "CurrentSession",
        "InjectSessions",
        "SessionGuard",
        "SessionModule",
        "getSession",
      ],
      "@holdfast/core": [
        "affinity",
        "applyHeaders",
        "belongsToAnswer",
        "channelName",
        "checkAdapterOptions",
        "createSessions",
        "days",
        "findOpened",
        "hours",
        "isEnded",
        "isSessionError",
        "loadOpened",
        "minutes",
        "onSessionEvent",
        "packRecord",
        "placeOpened",
        "seconds",
        "sessionError",
        "systemClock",
        "unpackRecord",
      ],
      "@holdfast/core/memcached": [
        "memcachedStore",
      ],
      "@holdfast/core/memory": [
        "memoryStore",
      ],
      "@holdfast/core/node": [
        "attachSession",
        "getSession",
        "passportSession",
        "sessionMiddleware",
      ],
      "@holdfast/core/planning": [
        "fleetTable",
        "planFleet",
      ],
      "@holdfast/core/redis": [
        "redisStore",
      ],
      "@holdfast/core/resilience": [
        "backedUp",
        "nearCache",
        "ring",
      ],
      "@holdfast/core/testing": [
        "adapterContract",
        "fakeClock",
        "fakeSession",
        "faultyStore",
        "raceContract",
        "storeContract",
      ],
    }
  `)
  expect(namesBy('require', { project })).toEqual(names)
})

test('an error of the one copy is known to the other', () => {
  expect(
    run(
      'copies.mjs',
      `import { createRequire } from 'node:module'
       import { isSessionError } from '@holdfast/core'
       const { sessionError } = createRequire(import.meta.url)('@holdfast/core')
       console.log(JSON.stringify([isSessionError(sessionError('ERR_DATA', 'x')), isSessionError(new Error('x'))]))`,
    ),
  ).toEqual([true, false])
})

test('a session that the one copy of the Koa adapter has opened is found by the other', () => {
  expect(
    run(
      'koa-copies.mjs',
      `import { createRequire } from 'node:module'
       import { getSession } from '@holdfast/adapter-koa'
       import { createSessions } from '@holdfast/core'
       import { memoryStore } from '@holdfast/core/memory'
       import Koa from 'koa'

       const other = createRequire(import.meta.url)('@holdfast/adapter-koa')
       const sessions = createSessions({ store: memoryStore(), secrets: ['a secret for tests, of 32 bytes or more'] })
       const app = new Koa().use(other.sessionMiddleware(sessions)).use(async (ctx) => {
         const session = await getSession(ctx)
         session.data.user = 'ann'
         ctx.body = [other.getSession !== getSession, session === (await other.getSession(ctx, sessions))]
       })
       const server = app.listen(0, '127.0.0.1', async () => {
         const answer = await fetch('http://127.0.0.1:' + server.address().port)
         console.log(JSON.stringify([...(await answer.json()), answer.headers.has('set-cookie')]))
         server.close()
       })`,
    ),
  ).toEqual([true, true, true])
})

test('the packages hold what is needed and no tests', () => {
  for (const name of packages) {
    const files = readdirSync(join(project, 'node_modules', name), { recursive: true, encoding: 'utf8' })
    expect(files).toEqual(
      expect.arrayContaining(['LICENSE', 'package.json', 'README.md', 'src/index.ts', 'dist/index.js', 'dist/index.d.cts']),
    )
    expect(files.filter((file) => file.includes('.test.'))).toEqual([])
  }
})

test.each([
  ['ioredis', '/redis'],
  ['memjs', '/memcached'],
])('core needs no other package, and only one of its entries needs %s', (peer, needing) => {
  unlinkPeer(project, peer)
  const others = entriesOf(project).filter((entry) => entry.startsWith('@holdfast/core') && !entry.endsWith(needing))
  const imports = others.map((entry) => `await import('${entry}')`).join('\n')
  expect(run('alone.mjs', `${imports}\nconsole.log(true)`)).toBe(true)
  linkPeer(project, peer)
})

describe.each([ts59 as unknown as typeof ts6, ts6])('a consumer under TypeScript $version', (compiler) => {
  test.each([
    { name: 'ESM and CommonJS in Node', extensions: ['mts', 'cts'], options: { module: 'nodenext' } },
    { name: 'a bundler', extensions: ['ts'], options: { module: 'esnext', moduleResolution: 'bundler' } },
    // TypeScript 5 then resolves as Node 10 did, which knew no `exports`.
    { name: 'CommonJS, with nothing said of resolution', extensions: ['ts'], options: { module: 'commonjs', esModuleInterop: true } },
  ])(
    '$name',
    ({ extensions, options }) => {
      const files = ['hono', 'koa', 'nest'].flatMap((consumer) => extensions.map((extension) => copyConsumer(consumer, extension)))
      const common = {
        target: 'es2023',
        strict: true,
        exactOptionalPropertyTypes: true,
        isolatedModules: true,
        experimentalDecorators: true,
        emitDecoratorMetadata: true,
        noEmit: true,
        types: ['node'],
      }
      const parsed = compiler.convertCompilerOptionsFromJson({ ...common, ...options }, project)
      expect(parsed.errors).toEqual([])
      const roots = files.map((file) => join(project, file))
      const program = compiler.createProgram(roots, parsed.options, compiler.createCompilerHost(parsed.options))
      const ours = program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(project))
      const found = [...program.getOptionsDiagnostics(), ...ours.flatMap((file) => compiler.getPreEmitDiagnostics(program, file))]
      expect(
        found.map(({ file, messageText }) => [
          file === undefined ? '' : relative(project, file.fileName),
          compiler.flattenDiagnosticMessageText(messageText, '\n'),
        ]),
      ).toEqual([])
    },
    120_000,
  )
})

/** The file's name in the project. */
function copyConsumer(consumer: string, extension: string): string {
  const name = `${consumer}.${extension}`
  copyFileSync(join(import.meta.dirname, 'consumers', `${consumer}.ts`), join(project, name))
  return name
}
