import { chromiumLaunch, freePort, startRedis, type RedisServer } from '@holdfast/testbed'
import { chromium, type Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startRegistry, type Registry } from './registry.ts'
import { readStartPage, type Task } from './start-pages/start-page.ts'
import { openTerminal, type Serving, type Terminal } from './start-pages/terminal.ts'
import { steps } from './start-pages/try-it.ts'

let registry: Registry
let redis: RedisServer
let browser: Browser
beforeAll(async () => {
  ;[registry, redis, browser] = await Promise.all([startRegistry(), startRedis(), chromium.launch(chromiumLaunch())])
}, 120_000)
afterAll(async () => {
  await Promise.all([browser?.close(), redis?.close(), registry?.close()])
})

// Two JavaScript variants have the same install, and are followed in one folder, one after the other. What is said of Redis is
// followed once for each of its tabs, since what it changes has no types.
const installs = ['hono', 'koa', 'express', 'node'].flatMap((page) => [
  { page, install: 'TypeScript', files: ['server.ts'], onRedis: false },
  { page, install: 'JavaScript', files: ['server.mjs', 'server.cjs'], onRedis: true },
])
const onNest = ['ESM', 'CommonJS'].map((install) => ({ page: 'nest', install, files: ['server.ts'], onRedis: install === 'ESM' }))

test.concurrent.each([...installs, ...onNest])(
  '$page: its page, followed word for word ($install)',
  async ({ page, install, files, onRedis }) => {
    const terminal = openTerminal(readersEnvironment())
    try {
      for (const [index, file] of files.entries()) {
        const tasks = readStartPage(page, [install, file])
        expect(tasks.flatMap(({ kind, text }) => (kind === 'step' ? [text] : []))).toEqual(Object.keys(steps))
        const followed = tasks.filter(({ section }) => onRedis || section !== 'On Redis')
        const time = await follow(followed, file, terminal, { installed: index > 0 })
        if (index === 0) console.info(`start/${page}.md, ${file}: a session after ${(time / 1000).toFixed(1)} s`)
      }
    } finally {
      terminal.close()
    }
  },
  900_000,
)

/** Does what the page says; how many milliseconds it took to the first session. `installed`: what it installs is here already. */
async function follow(tasks: readonly Task[], file: string, terminal: Terminal, { installed }: { installed: boolean }): Promise<number> {
  const began = performance.now()
  const port = await freePort()
  const context = await browser.newContext()
  const visitor = { context, page: await context.newPage(), origin: `http://localhost:${port}`, restart }
  const serveCommand = tasks.findLast(({ section, kind }) => section === 'Run it' && kind === 'command')!.text
  let toFirstSession = 0
  let serving: Serving | undefined
  const stop = async (): Promise<void> => {
    const errors = await serving?.stop()
    serving = undefined
    expect(errors ?? '').toBe('')
  }
  async function restart(): Promise<void> {
    await stop()
    serving = await terminal.serve(serveCommand, port)
  }

  try {
    for (const task of tasks) {
      if (task.kind === 'command') {
        if (task.text === serveCommand) await restart()
        else if (!installed || !task.text.includes('npm install')) await terminal.run(task.text)
      } else if (task.kind === 'sample') {
        if (task.section === 'On Redis') {
          terminal.write(file, replaceNext(terminal.read(file), task.text))
          await stop()
        } else terminal.write(task.name, task.text)
      } else {
        // "Start it as before" comes before the steps.
        if (serving === undefined) await restart()
        const step = steps[task.text]
        if (step === undefined) throw new Error(`No test knows how to follow "${task.text}"`)
        await step(visitor)
        toFirstSession ||= performance.now() - began
      }
    }
    await stop()
    return toFirstSession
  } finally {
    await serving?.stop()
    await context.close()
  }
}

/** Puts the line in the place of the first that names `memoryStore`. */
function replaceNext(program: string, line: string): string {
  const replaced = program.replace(/^.*memoryStore.*$/m, () => line)
  if (replaced === program) throw new Error(`nothing names memoryStore any more, to be replaced by ${line}`)
  return replaced
}

/** This process's, without what vitest and `npm test` have put there. */
function readersEnvironment(): NodeJS.ProcessEnv {
  const theirs =
    /^(VITEST|TEST$|DEV$|PROD$|MODE$|SSR$|BASE_URL$|NODE_ENV|NODE_OPTIONS|INIT_CWD|PORT$|SESSION_SECRET|npm_(?!config_)|npm_config_(.*prefix|user_agent))/
  const kept = Object.entries(process.env).filter(([name]) => !theirs.test(name))
  return {
    ...Object.fromEntries(kept),
    REDIS_URL: redis.url,
    npm_config_userconfig: registry.userConfig,
    npm_config_prefer_offline: 'true',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
  }
}
