import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Question } from './node-process.ts'

/** A node in a process of its own. */
export interface RemoteNode {
  create(): Promise<string>
  isLive(cookie: string): Promise<boolean>
  signOut(cookie: string): Promise<void>
  close(): Promise<void>
}

interface Waiting {
  readonly resolve: (answered: any) => void
  readonly reject: (error: Error) => void
}

export function startNode(arrangement: string, redisUrl: string): RemoteNode {
  const file = fileURLToPath(new URL('node-process.ts', import.meta.url))
  const execArgv = ['--conditions=@holdfast/source', '--import', 'tsx']
  const child = fork(file, [arrangement, redisUrl], { execArgv })
  const gone = once(child, 'exit')
  const waiting = new Map<number, Waiting>()
  let questions = 0
  child.on('message', ({ id, answered, error }: { id: number; answered?: unknown; error?: string }) => {
    const one = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) one?.resolve(answered)
    else one?.reject(new Error(error))
  })
  child.on('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error(`the process of a node (${arrangement}) has ended`))
  })

  function ask<T>(question: Question): Promise<T> {
    const id = (questions += 1)
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject })
      child.send({ id, question })
    })
  }

  return {
    create: () => ask({ ask: 'create' }),
    isLive: (cookie) => ask({ ask: 'isLive', cookie }),
    signOut: (cookie) => ask({ ask: 'signOut', cookie }),
    async close() {
      child.kill()
      await gone
    },
  }
}
