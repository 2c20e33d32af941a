import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { constants, setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { startProgram, type StartedProgram } from '@holdfast/testbed'

/** A reader's terminal: each command finds the folder and the variables that the ones before it have left. */
export interface Terminal {
  /** Runs a block of commands. @throws Error with what it wrote, if one of them fails */
  run(block: string): Promise<void>
  /** Runs a block that serves on the port until it is stopped; resolves when somebody listens there. */
  serve(block: string, port: number): Promise<Serving>
  write(name: string, text: string): void
  read(name: string): string
  close(): void
}

export interface Serving {
  /** Ctrl+C. What it wrote to stderr, without the lines of npm itself. */
  stop(): Promise<string>
}

/** Opens one in an empty folder. */
export function openTerminal(env: NodeJS.ProcessEnv): Terminal {
  const home = mkdtempSync(join(tmpdir(), 'holdfast-start-'))
  const state = join(home, '.state')
  writeFileSync(state, `cd '${home}'\n`)
  // `export -p` writes commands that a shell reads back.
  const remember = `{ export -p; echo "cd '$PWD'"; } > '${state}'`
  const folder = (): string => /^cd '(.*)'$/m.exec(readFileSync(state, 'utf8'))![1]!
  return {
    async run(block) {
      // With an npm that has nothing in its cache yet, it is the network's time.
      const running = promisify(execFile)('sh', ['-euc', `. '${state}'\n${block}\n${remember}`], { env, timeout: 600_000 })
      // Several readers install at once: all of the machine, for minutes, were it not for the other tests.
      setPriority(running.child.pid!, constants.priority.PRIORITY_BELOW_NORMAL)
      await running.catch((error: Error & { stdout: string; stderr: string }) => {
        throw new Error(`${block}\nfailed: ${error.message}\n${error.stdout}\n${error.stderr}`)
      })
    },
    async serve(block, port) {
      const errors = join(home, `.stderr-${port}`)
      const server = await startProgram(
        'sh',
        ['-c', `echo '{"port":${port}}'\n. '${state}'\nexport PORT=${port}\nexec 2>'${errors}'\n${block}`],
        {
          cwd: home,
          env,
        },
      )
      const written = (): string => readFileSync(errors, 'utf8').replaceAll(/^npm .*\n/gm, '')
      await untilListening(port, server, written)
      return {
        async stop() {
          await server.stop('SIGINT')
          return written()
        },
      }
    },
    write: (name, text) => writeFileSync(join(folder(), name), text),
    read: (name) => readFileSync(join(folder(), name), 'utf8'),
    close: () => rmSync(home, { recursive: true, force: true }),
  }
}

async function untilListening(port: number, server: StartedProgram, written: () => string): Promise<void> {
  const deadline = performance.now() + 60_000
  for (;;) {
    const socket = connect(port, 'localhost')
    const listens = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (listens) return
    if (performance.now() > deadline) {
      await server.stop('SIGKILL')
      throw new Error(`nobody listens on ${port}: ${server.log()}\n${written()}`)
    }
    await sleep(50)
  }
}
