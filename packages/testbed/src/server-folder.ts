import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Socket } from 'node:net'

/** A temporary folder that belongs to one server. */
export interface ServerFolder {
  readonly path: string
  /** Where the id of the server's process group stands while it runs, one a line where it has several. */
  readonly pidFile: string
  /** Kills the process groups named in `pidFile`, if any, and removes the folder. */
  close(): Promise<void>
}

// Waits for the end of its input, which comes with `close()`, and comes as well when this process dies, be it by SIGKILL.
// A server's children that end only because it did may write once more while their folder is removed.
const undertaker = `
  read -r _
  if [ -f "$1/pid" ]; then for group in $(cat "$1/pid"); do kill -s KILL -- "-$group" 2>/dev/null; done; fi
  for attempt in 1 2 3 4 5; do rm -rf "$1" && break; sleep 0.2; done`

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
