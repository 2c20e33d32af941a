import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'

/** Who may come in. */
export interface User {
  readonly name: string
  readonly password: string
}

/** Says to servers that use Cyrus SASL who may come in. */
export interface PasswordService {
  /** What such a server is started with. */
  readonly env: NodeJS.ProcessEnv
  close(): Promise<void>
}

const counted = 2

/**
 * Takes the place of saslauthd: it answers on a socket in this folder whether a password is right, so that no file of passwords has to be
 * made, which takes yet another package. `program` is what the server calls itself to SASL. It holds no process open.
 *
 * A question is four texts, user, password, service and realm, each after its length in two bytes; the answer is one such text, `OK` or
 * `NO` (Cyrus SASL, `saslauthd/ipc_unix.c`).
 */
export async function passwordService(folder: string, program: string, { name, password }: User): Promise<PasswordService> {
  const socket = join(folder, 'mux')
  const server = createServer((asking) => {
    let received = Buffer.alloc(0)
    asking.unref().on('error', () => {})
    asking.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      const [user, secret, , realm] = textsIn(received)
      if (realm === undefined) return
      const answer = user === name && secret === password ? 'OK' : 'NO'
      asking.end(Buffer.concat([Buffer.from([0, answer.length]), Buffer.from(answer)]))
    })
  })
  server.unref().listen(socket)
  await once(server, 'listening')
  writeFileSync(join(folder, `${program}.conf`), `mech_list: plain\npwcheck_method: saslauthd\nsaslauthd_path: ${socket}\n`)
  return {
    env: { ...process.env, SASL_CONF_PATH: folder },
    async close() {
      if (server.listening) await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** The texts that have come completely. */
function textsIn(bytes: Buffer): string[] {
  const texts: string[] = []
  for (let at = 0; bytes.length >= at + counted;) {
    const end = at + counted + bytes.readUInt16BE(at)
    if (bytes.length < end) break
    texts.push(bytes.toString('utf8', at + counted, end))
    at = end
  }
  return texts
}
