// #region token
import { Sha256 } from '@aws-crypto/sha256-js'
import { fromNodeProviderChain } from '@aws-sdk/credential-providers'
import { SignatureV4 } from '@smithy/signature-v4'

export interface ElastiCacheUser {
  /** The id of the replication group, or a serverless cache's name. In lower case. */
  readonly cache: string
  readonly region: string
  /** The id of the user, which has to be its name too. */
  readonly user: string
  readonly isServerless?: boolean
}

/**
 * Makes passwords for ElastiCache: each is the address of a request, signed by
 * whoever this process is at AWS, and good for 15 minutes. AWS is not asked.
 */
export function elastiCacheToken(options: ElastiCacheUser): () => Promise<string> {
  const { cache, region, user, isServerless = false } = options
  const credentials = fromNodeProviderChain()
  const service = 'elasticache'
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256 })
  const resource = isServerless ? { ResourceType: 'ServerlessCache' } : {}
  const request = {
    method: 'GET',
    protocol: 'http:',
    hostname: cache,
    path: '/',
    headers: { host: cache },
    query: { Action: 'connect', User: user, ...resource },
  }
  return async () => {
    const signed = await signer.presign(request, { expiresIn: 900 })
    const query = new URLSearchParams(signed.query as Record<string, string>)
    // The address, without its http://.
    return `${cache}/?${query.toString()}`
  }
}
// #endregion token
