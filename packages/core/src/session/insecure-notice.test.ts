import { once } from 'node:events'
import { afterEach, describe, expect, test } from 'vitest'
import { memoryStore } from '../stores/memory/memory-store.ts'
import type { CookieOptions } from '../cookie/set-cookie.ts'
import { createSessions } from './manager.ts'

const warnings: Error[] = []
const note = (warning: Error): void => void warnings.push(warning)
process.on('warning', note)
afterEach(() => void warnings.splice(0))

/** Signs in with these request headers, so many times; the warnings that this gave. */
async function signIn(
  headers: Record<string, string>,
  { cookie, secure = false, times = 1 }: { cookie?: CookieOptions; secure?: boolean; times?: number } = {},
) {
  const sessions = createSessions<{ n?: number }>({ store: memoryStore(), secrets: ['x'.repeat(32)], cookie })
  for (let n = 0; n < times; n++) {
    const opened = sessions.open(null, { secure, header: (name) => headers[name] })
    ;(await opened.load()).data.n = 1
    await opened.commit()
  }
  // Node emits warnings a turn later; this one comes after all that were owed.
  process.emitWarning('end of the test', { code: 'END' })
  while (!warnings.some((each) => (each as NodeJS.ErrnoException).code === 'END')) await once(process, 'warning')
  return warnings.map((each) => (each as NodeJS.ErrnoException).code).filter((code) => code !== 'END')
}

describe('a Secure cookie on an answer to plain http', () => {
  test('is explained once', async () => {
    expect(await signIn({ host: '192.168.1.7:3000' }, { times: 3 })).toEqual(['HOLDFAST_INSECURE'])
    expect(warnings[0]?.message).toContain('__Host-session is Secure')
  })

  test.each(['localhost:3000', 'shop.localhost', '127.0.0.1:3000', '[::1]:3000'])('is fine on %s', async (host) => {
    expect(await signIn({ host })).toEqual([])
  })

  test('is fine behind a load balancer that says it has ended TLS', async () => {
    expect(await signIn({ host: 'shop.example', 'x-forwarded-proto': 'https' })).toEqual([])
    expect(await signIn({ host: 'shop.example', forwarded: 'for=192.0.2.1;proto=https' })).toEqual([])
  })

  test('is not one where the request is secure, or the cookie follows the scheme', async () => {
    expect(await signIn({ host: 'shop.example' }, { secure: true })).toEqual([])
    expect(await signIn({ host: 'shop.example' }, { cookie: { secure: 'auto' } })).toEqual([])
  })
})
