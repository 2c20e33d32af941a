import { fork, type ChildProcess } from 'node:child_process'
import { channel } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { channelName } from '@holdfast/core'
import type { Machine } from '@holdfast/testbed'
import { deadlineOf } from './holdfast-site.ts'
import { patience } from './plain-site.ts'
import type { Call, FromSite, RemoteSetting } from './site-process.ts'
import type { Failure, Found, Site, Visitor } from './site.ts'

/** What a request on the other machine was rejected with, as far as the load asks. */
class RemoteError extends Error {
  readonly failure: Failure
  readonly readFailed: boolean
  constructor(name: string, failure: Failure, readFailed: boolean) {
    super(name)
    this.name = name
    this.failure = failure
    this.readFailed = readFailed
  }
}

interface Waiting {
  resolve(answer: Found | undefined): void
  reject(error: Error): void
}

/** An application in a process of its own, on this machine; the load asks it by messages. */
export function remoteSite(machine: Machine, setting: RemoteSetting): Site {
  const file = fileURLToPath(new URL('site-process.ts', import.meta.url))
  const [command, args] = machine.enter(process.execPath, [])
  const execArgv = [...args, '--conditions=@holdfast/source', '--import', 'tsx']
  const child: ChildProcess = fork(file, [JSON.stringify(setting)], { execPath: command, execArgv, serialization: 'json' })
  const waiting = new Map<number, Waiting>()
  let calls = 0
  let visitors = 0
  const gone = once(child, 'exit')
  child.on('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error('the application has ended'))
    waiting.clear()
  })
  child.on('message', (message: FromSite) => {
    if ('event' in message) {
      channel(channelName(message.event)).publish({})
      return
    }
    const { id, answer, error } = message
    const one = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) one?.resolve(answer)
    else one?.reject(new RemoteError(error.name, error.failure, error.readFailed))
  })

  function ask(visitor: number, call: Call): Promise<Found | undefined> {
    const id = (calls += 1)
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject })
      child.send({ id, visitor, call }, (error) => {
        if (error !== null) reject(error)
      })
    })
  }
  const found = async (visitor: number, call: Call): Promise<Found> => (await ask(visitor, call))!
  const done = async (visitor: number, call: Call): Promise<void> => void (await ask(visitor, call))

  return {
    visitor(): Visitor {
      const visitor = (visitors += 1)
      return {
        key: '',
        cookies: '',
        arrive: (subject) => done(visitor, { method: 'arrive', subject }),
        read: () => found(visitor, { method: 'read' }),
        change: (number) => done(visitor, { method: 'change', number }),
        signOut: () => done(visitor, { method: 'signOut' }),
        copy() {
          // Messages arrive in order, so it is taken before what is asked for next.
          const copied = done(visitor, { method: 'copy' })
          // Whoever replays it meets the error.
          copied.catch(() => {})
          return async () => {
            await copied
            return found(visitor, { method: 'replay' })
          }
        },
        check: () => found(visitor, { method: 'check' }),
      }
    },
    present: () => Promise.reject(new Error('the cookies stay on the other machine')),
    nameOf: (error) => (error as Error).name,
    failureOf: (error) => (error instanceof RemoteError ? error.failure : 'unknown'),
    isReadFailure: (error) => error instanceof RemoteError && error.readFailed,
    deadline: setting.system === 'holdfast' ? deadlineOf(setting) : patience,
    patience: setting.system === 'holdfast' ? undefined : patience,
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return
      // What it holds of connections ends with it.
      child.kill('SIGKILL')
      await gone
    },
  }
}
