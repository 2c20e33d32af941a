// Bytes a session: `node --expose-gc memory-probe.mjs <holdfast | express-session>`. Prints one number.
import { createRequire } from 'node:module'
import { contents } from './servers/contents.mjs'

const count = 20_000
const [library] = process.argv.slice(2)
const add = library === 'holdfast' ? await holdfast() : expressSession()
// What is made once.
for (let index = 0; index < 200; index += 1) await add()
const before = await used()
for (let index = 0; index < count; index += 1) await add()
console.log(((await used()) - before) / count)
// What holds them lives until here.
await add()

async function holdfast() {
  const { createSessions } = await import('@holdfast/core')
  const { memoryStore } = await import('@holdfast/core/memory')
  const sessions = createSessions({ store: memoryStore(), secrets: ['a secret for measurements, of 32 bytes or more'] })
  return () => sessions.create(contents(), { subject: 'u1' })
}

function expressSession() {
  const { MemoryStore } = createRequire(new URL('../peers/package.json', import.meta.url))('express-session')
  const store = new MemoryStore()
  let made = 0
  return () => {
    made += 1
    return new Promise((resolve) =>
      store.set(`session-${made}-with-an-id-of-32-bytes`, { cookie: { maxAge: 1_800_000 }, ...contents() }, resolve),
    )
  }
}

async function used() {
  for (let round = 0; round < 3; round += 1) {
    await new Promise((resolve) => setImmediate(resolve))
    globalThis.gc()
  }
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  return heapUsed + Math.max(external, arrayBuffers)
}
