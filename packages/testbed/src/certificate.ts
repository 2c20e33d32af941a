import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from './free-port.ts'
import { program } from './program.ts'
import { serverFolder } from './server-folder.ts'

/** A certificate of 127.0.0.1 and localhost that has signed itself, and so is its own authority. */
export interface Certificate {
  /** As PEM, for `ca` of `tls.connect`. */
  readonly ca: string
  /** A free port, and the arguments under which redis-server speaks TLS there, to clients without a certificate of their own. */
  redisArgs(): Promise<{ readonly tlsPort: number; readonly args: readonly string[] }>
  /** The arguments under which memcached speaks TLS, and nothing else, on its port. */
  readonly memcachedArgs: readonly string[]
  /** Removes its files. */
  close(): Promise<void>
}

/**
 * Makes a certificate with openssl; it is good for a day.
 *
 * @throws Error if there is no openssl.
 * @example
 * const certificate = await makeCertificate()
 * const { tlsPort, args } = await certificate.redisArgs()
 * const redis = await startRedis({ args })
 */
export async function makeCertificate(): Promise<Certificate> {
  const folder = serverFolder('certificate')
  const [certificate, key] = [join(folder.path, 'certificate.pem'), join(folder.path, 'key.pem')]
  const names = 'subjectAltName=IP:127.0.0.1,DNS:localhost'
  const files = ['-keyout', key, '-out', certificate]
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1']
  try {
    await promisify(execFile)(program('openssl'), ['req', '-x509', ...kind, '-subj', '/CN=localhost', '-addext', names, ...files])
  } catch (error) {
    await folder.close()
    throw error
  }
  return {
    ca: readFileSync(certificate, 'utf8'),
    async redisArgs() {
      const tlsPort = await freePort()
      const own = ['--tls-port', String(tlsPort), '--tls-cert-file', certificate, '--tls-key-file', key]
      return { tlsPort, args: [...own, '--tls-ca-cert-file', certificate, '--tls-auth-clients', 'no'] }
    },
    memcachedArgs: ['-Z', '-o', `ssl_chain_cert=${certificate},ssl_key=${key}`],
    close: () => folder.close(),
  }
}
