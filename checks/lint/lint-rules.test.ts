import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const core = 'packages/core/src'
const hono = 'packages/adapter-hono/src'

/** One wrong file a rule: where it would stand, what it would say, and what has to be found. */
const wrong: Record<string, { file: string; text: string; found: string }> = {
  'the ground imports nothing': { file: `${core}/wrong.ts`, text: `export * from './clock.ts'`, found: 'ground does not import ground' },
  'record does not import cookie': imports(`${core}/record/wrong.ts`, '../cookie/token.ts', 'record does not import cookie'),
  'a room does not import an entry': imports(`${core}/record/wrong-entry.ts`, '../index.ts', 'record does not import entries'),
  'cookie does not import session': imports(`${core}/cookie/wrong.ts`, '../session/manager.ts', 'cookie does not import session'),
  'a store does not import cookie': imports(`${core}/stores/memory/wrong.ts`, '../../cookie/token.ts', 'stores does not import cookie'),
  'a store does not import session': imports(
    `${core}/stores/memory/wrong-session.ts`,
    '../../session/draft.ts',
    'stores does not import session',
  ),
  'memory does not import redis': imports(`${core}/stores/memory/wrong-store.ts`, '../redis/redis-store.ts', 'never imports another store'),
  'redis does not import memory': imports(`${core}/stores/redis/wrong.ts`, '../memory/memory-store.ts', 'never imports another store'),
  'a wrapper does not import cookie': imports(`${core}/resilience/wrong.ts`, '../cookie/token.ts', 'resilience does not import cookie'),
  'a wrapper does not import session': imports(`${core}/resilience/wrong-session.ts`, '../session/draft.ts', 'does not import session'),
  'session imports no store': imports(`${core}/session/wrong.ts`, '../stores/memory/memory-store.ts', 'session does not import stores'),
  'session imports no wrapper': imports(`${core}/session/wrong-wrapper.ts`, '../resilience/ring.ts', 'session does not import resilience'),
  'session does not import http': imports(`${core}/session/wrong-http.ts`, '../http/attach-session.ts', 'session does not import http'),
  'http imports no store': imports(`${core}/http/wrong.ts`, '../stores/redis/redis-store.ts', 'http does not import stores'),
  'a room does not import testing': imports(`${core}/http/wrong-testing.ts`, '../testing/fake-clock.ts', 'http does not import testing'),
  'an entry but testing.ts does not import testing': {
    file: `${core}/memory.ts`,
    text: `export { fakeClock } from './testing/fake-clock.ts'`,
    found: 'entries does not import testing',
  },
  'a type counts like a value': {
    file: `${core}/record/wrong-type.ts`,
    text: `import type { Session } from '../session/session.ts'\nexport type Wrong = Session`,
    found: 'record does not import session',
  },
  'an import() counts too': {
    file: `${core}/record/wrong-dynamic.ts`,
    text: `export const wrong = () => import('../session/session.ts')`,
    found: 'record does not import session',
  },
  'a new folder is a room that is listed': imports(`${core}/utils/wrong.ts`, '../clock.ts', 'This folder is no room'),
  'an entry only re-exports': { file: `${core}/index.ts`, text: `export const answer = 42`, found: 'An entry only re-exports' },
  'core imports no framework': imports(`${core}/http/wrong-hono.ts`, 'hono', 'Core does not import hono'),
  'a client stays in its store': imports(`${core}/session/wrong-client.ts`, 'ioredis', 'Core does not import ioredis'),
  'a package imports another by its name': imports(`${hono}/wrong.ts`, '../../core/src/index.ts', 'by its name'),
  'an adapter imports public entries only': imports(`${hono}/wrong-entry.ts`, '@holdfast/core/session', 'no public entry'),
  'an adapter does not import the test kit': imports(`${hono}/wrong-testing.ts`, '@holdfast/core/testing', 'Only tests'),
  'an adapter imports no other adapter': imports(`${hono}/wrong-adapter.ts`, '@holdfast/adapter-koa', 'never imports another package'),
  'an adapter does not import what tests share': imports(`${hono}/wrong-shop.ts`, '@holdfast/test-shop', 'never imports another package'),
  'an adapter imports its peers': imports(`${hono}/wrong-peer.ts`, 'express', 'no peer dependency'),
  'S1: no Math.random': {
    file: `${core}/cookie/wrong-random.ts`,
    text: `export const token = () => Math.random()`,
    found: 'can be guessed',
  },
  'S1: no UUID': {
    file: `${core}/cookie/wrong-uuid.ts`,
    text: `export const token = () => crypto.randomUUID()`,
    found: 'UUID is no secret',
  },
  'no circle of imports': {
    file: `${core}/record/circle.ts`,
    text: `import { wrong } from './circle-back.ts'\nexport const circle = () => wrong`,
    found: 'import(no-cycle)',
  },
  'no promise left alone': {
    file: `${core}/record/floating.ts`,
    text: `export function wrong() {\n  Promise.reject(new Error('nobody sees this'))\n}`,
    found: 'typescript(no-floating-promises)',
  },
  'no promise where none is waited for': {
    file: `${core}/record/misused.ts`,
    text: `export const wrong = (all: number[]) => all.forEach(async (each) => void (await Promise.resolve(each)))`,
    found: 'typescript(no-misused-promises)',
  },
}

/** The same imports where they are right. */
const right: Record<string, string> = {
  [`${core}/record/circle-back.ts`]: `import { circle } from './circle.ts'\nexport const wrong = () => circle`,
  [`${core}/clock.ts`]: `export const clock = 1`,
  [`${core}/record/right.ts`]: `import { clock } from '../clock.ts'\nexport const right = clock`,
  [`${core}/record/right.test.ts`]: `import { clock } from '../testing/right.ts'\nexport const right = clock`,
  [`${core}/testing/right.ts`]: `export { clock } from '../clock.ts'\nexport { client } from '../stores/redis/right.ts'`,
  [`${core}/testing.ts`]: `export { clock } from './testing/right.ts'`,
  [`${core}/stores/redis/right.ts`]: `import client from 'ioredis'\nexport { client }`,
  [`${hono}/right.ts`]: `export { createSessions } from '@holdfast/core'\nexport { Hono } from 'hono'\nexport { Buffer } from 'node:buffer'`,
}

let folder: string
let diagnostics: { file: string; text: string }[]

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-lint-'))
  for (const path of ['.oxlintrc.json', 'tsconfig.base.json', 'checks/lint'])
    cpSync(join(root, path), join(folder, path), { recursive: true })
  for (const name of ['core', 'adapter-hono'])
    for (const file of ['package.json', 'tsconfig.json']) cpSync(join(root, 'packages', name, file), join(folder, 'packages', name, file))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  for (const [file, text] of [...Object.values(wrong).map((each) => [each.file, each.text] as const), ...Object.entries(right)]) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), `${text}\n`)
  }
  const oxlint = spawnSync(process.execPath, [join(root, 'node_modules/oxlint/bin/oxlint'), '-f', 'unix', 'packages'], {
    cwd: folder,
    encoding: 'utf8',
  })
  diagnostics = [...oxlint.stdout.matchAll(/^(\S+?):\d+:\d+: (.+)$/gm)].map(([, file = '', text = '']) => ({ file, text }))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const foundIn = (file: string): string[] => diagnostics.filter((each) => each.file === file).map((each) => each.text)

describe('the rules of the rooms', () => {
  test.each(Object.entries(wrong))('%s', (_, { file, found }) => {
    expect(foundIn(file)).toContainEqual(expect.stringContaining(found))
  })

  test.each(Object.keys(right).filter((file) => !file.includes('circle')))('%s is in order', (file) => {
    expect(foundIn(file)).toEqual([])
  })
})

function imports(file: string, specifier: string, found: string): { file: string; text: string; found: string } {
  return { file, text: `export * from '${specifier}'`, found }
}
