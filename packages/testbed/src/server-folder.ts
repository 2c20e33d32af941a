import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Socket } from 'node:net'

/** A temporary folder that belongs to one server. */
export interface ServerFolder {
  readonly path: string
  /** Where the id of the server's process group stands while it runs. */
  readonly pidFile: string
  /** Kills the process group named in `pidFile`, if any, and removes the folder. */
  close(): Promise<void>
}

// Waits for the end of its input, which comes with `close()`, and comes as well when this process dies, be it by SIGKILL.
const undertaker = 'read -r _; [ -f "$1/pid" ] && kill -s KILL -- "-$(cat "$1/pid")" 2>/dev/null; rm -rf "$1"'

/**
 * Makes a folder that outlives neither `close()` nor this process, whatever ends it: a signal, an uncaught exception, a test runner that
 * tears its worker down. It holds no process open.
 */
export function serverFolder(name: string): ServerFolder {
  const path = mkdtempSync(join(tmpdir(), `holdfast-${name}-`))
  const watch = spawn('sh', ['-c', undertaker, 'sh', path], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  watch.unref()
  ;(watch.stdin as Socket).unref()
  watch.stdin.on('error', () => {})
  const gone = once(watch, 'exit')
  return {
    path,
    pidFile: join(path, 'pid'),
    async close() {
      watch.ref()
      watch.stdin.end()
      await gone
    },
  }
}
