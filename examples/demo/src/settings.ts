import { randomBytes } from 'node:crypto'

/** What the environment asks for. */
export interface Settings {
  /** The port that was named; without one, 3000 or the next that is free. */
  readonly port: number | undefined
  readonly host: string
  readonly redisUrl: string | undefined
  readonly secret: string
  /** Nobody gave a secret: sign-ins end with the process. */
  readonly secretIsRandom: boolean
}

const leastSecretBytes = 32

/** @throws Error that names the wrong variable, and says what it takes */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const { PORT, HOST, REDIS_URL, SESSION_SECRET } = env
  return {
    port: PORT ? portFrom(PORT) : undefined,
    // Browsers take Secure cookies over plain HTTP from this machine alone, so nobody else is served unless asked for.
    host: HOST || '127.0.0.1',
    redisUrl: REDIS_URL ? redisUrlFrom(REDIS_URL) : undefined,
    secret: SESSION_SECRET ? secretFrom(SESSION_SECRET) : randomBytes(32).toString('base64url'),
    secretIsRandom: !SESSION_SECRET,
  }
}

function portFrom(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`PORT is "${text}"; it takes a number from 0 to 65535.`)
  return port
}

// Never quoted: it may hold a password.
function redisUrlFrom(text: string): string {
  if (!URL.canParse(text) || !/^rediss?:$/.test(new URL(text).protocol))
    throw new Error('REDIS_URL is no Redis URL; it takes one such as redis://localhost:6379.')
  return text
}

function secretFrom(text: string): string {
  const bytes = Buffer.byteLength(text)
  if (bytes < leastSecretBytes)
    throw new Error(`SESSION_SECRET has ${bytes} bytes; it takes at least ${leastSecretBytes}, such as of openssl rand -base64 32.`)
  return text
}
