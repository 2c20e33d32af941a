import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { freePort } from '@holdfast/testbed'

/** The demo as a person starts it, for the tests. */
export interface Demo {
  readonly url: string
  /** What it printed, without npm's own lines. */
  output(): string
  /** Resolves when it has printed this. */
  printed(pattern: RegExp): Promise<string>
  /** Ctrl-C, in a terminal; resolves when npm has ended. */
  interrupt(): Promise<void>
}

const repository = fileURLToPath(new URL('../../..', import.meta.url))

/** Runs `npm start` at the top of the repository, and resolves when the demo has printed where it is. */
export async function startDemo(env: NodeJS.ProcessEnv = {}): Promise<Demo> {
  const demo = npmStart({ PORT: String(await freePort()), ...env })
  const url = await demo.printed(/http:\/\/localhost:\d+/)
  return { url, output: demo.output, printed: demo.printed, interrupt: demo.interrupt }
}

/** Runs `npm start` to its end, for when it cannot start. */
export async function failToStart(env: NodeJS.ProcessEnv): Promise<string> {
  const demo = npmStart(env)
  await demo.ended
  return demo.output()
}

function npmStart(env: NodeJS.ProcessEnv) {
  const { REDIS_URL: _, SESSION_SECRET: __, ...inherited } = process.env
  // A group of its own: what Ctrl-C reaches.
  const child = spawn('npm', ['start'], {
    cwd: repository,
    env: { ...inherited, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'close')
  const interruptNow = (): void => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid as number), 'SIGINT')
  }
  // Outlives no test run, however that ends.
  process.once('exit', interruptNow)
  void ended.then(() => process.off('exit', interruptNow))
  let text = ''
  const readers = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (more: string) => {
      text += more
      for (const read of readers) read()
    })
  }
  const output = (): string =>
    text
      .split('\n')
      .filter((line) => line !== '' && !/^(?:> |npm )/.test(line))
      .join('\n')

  function printed(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const read = (): void => {
        const [found] = pattern.exec(text) ?? []
        if (found !== undefined) resolve(found)
      }
      readers.add(read)
      read()
      void ended.then(() => reject(new Error(`the demo ended: ${text}`)))
    })
  }

  async function interrupt(): Promise<void> {
    interruptNow()
    await ended
  }
  return { ended, output, printed, interrupt }
}
