import { serverFolder } from './server-folder.ts'
import { startServerProcess } from './server-process.ts'

export interface ProgramOptions {
  readonly cwd: string
  /** @default this process's */
  readonly env?: NodeJS.ProcessEnv | undefined
}

/** A program that serves HTTP on 127.0.0.1, in a process of its own. */
export interface StartedProgram {
  readonly origin: string
  /** Once it has ended by itself: undefined before, and where a signal ended it. */
  readonly exitCode: number | undefined
  /** The last 8 kB that it wrote. */
  log(): string
  /** Asks it to end, and resolves when it has; after 5 seconds it is killed. @default 'SIGTERM' */
  stop(signal?: NodeJS.Signals): Promise<void>
}

/**
 * Starts a program that writes the port on which it listens, as JSON: `{"port":8080}`; resolves once it has.
 *
 * @throws Error with the last lines that it wrote, if it ends before or takes longer than 30 seconds.
 * @example
 * const server = await startProgram(process.execPath, ['shop.mjs'], { cwd: folder })
 * await fetch(server.origin)
 * await server.stop()
 */
export async function startProgram(command: string, args: readonly string[], { cwd, env }: ProgramOptions): Promise<StartedProgram> {
  const folder = serverFolder('program')
  let port: string | undefined
  const findPort = async (log: string): Promise<void> => {
    port = /"port":(\d+)/.exec(log)?.[1]
    if (port === undefined) throw new Error('it has named no port')
  }
  const server = await startServerProcess({ command, args, cwd, env, folder, ready: findPort }).catch(async (error) => {
    await folder.close()
    throw error
  })
  return {
    origin: `http://127.0.0.1:${port}`,
    get exitCode() {
      return server.exitCode
    },
    log: () => server.log(),
    async stop(signal) {
      await server.stop(signal)
      await folder.close()
    },
  }
}
