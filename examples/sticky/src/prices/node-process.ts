// One node, in a process of its own: makes sessions, ends them, and says whether they are live, as it is asked.
import { createSessions } from '@holdfast/core'
import { arrangements, nodeOf } from './arrangements.ts'

/** What a node is asked. */
export type Question = { readonly ask: 'create' } | { readonly ask: 'isLive' | 'signOut'; readonly cookie: string }

const [name, redisUrl = ''] = process.argv.slice(2)
const arrangement = arrangements.find((each) => each.name === name)
if (arrangement === undefined) throw new Error(`There is no arrangement ${name}.`)
const sessions = createSessions({ store: nodeOf(arrangement, redisUrl).store, secrets: ['only for this measurement, 32 bytes'] })

process.on('message', ({ id, question }: { readonly id: number; readonly question: Question }) => {
  answer(question).then(
    (answered) => process.send!({ id, answered }),
    (error: Error) => process.send!({ id, error: error.message }),
  )
})
process.on('disconnect', () => process.exit())

async function answer(question: Question): Promise<string | boolean> {
  if (question.ask === 'create') return (await sessions.create({}, { subject: 'u1' })).cookie
  const opened = sessions.open(question.cookie)
  const session = await opened.load()
  if (question.ask === 'signOut') session.destroy()
  await opened.commit()
  return session.outcome === 'live'
}
