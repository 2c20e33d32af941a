import { Sha256 } from '@aws-crypto/sha256-js'
import { fromNodeProviderChain } from '@aws-sdk/credential-providers'
import { SignatureV4 } from '@smithy/signature-v4'

// #region token
export interface ElastiCacheUser {
  /** The id of the replication group, or the name of the serverless cache, in lower case. Not the endpoint. */
  readonly cache: string
  readonly region: string
  /** The id of the user, which has to be its name too. */
  readonly user: string
  readonly isServerless?: boolean
}

/**
 * A password for ElastiCache: the address of a request, signed by whoever this process is at AWS. AWS takes it for 15 minutes; it is made
 * here, without asking AWS.
 */
export function elastiCacheToken({ cache, region, user, isServerless = false }: ElastiCacheUser): () => Promise<string> {
  const signer = new SignatureV4({ service: 'elasticache', region, sha256: Sha256, credentials: fromNodeProviderChain() })
  const request = {
    method: 'GET',
    protocol: 'http:',
    hostname: cache,
    path: '/',
    headers: { host: cache },
    query: { Action: 'connect', User: user, ...(isServerless ? { ResourceType: 'ServerlessCache' } : {}) },
  }
  return async () => {
    const { query } = await signer.presign(request, { expiresIn: 900 })
    // The address without its http://.
    return `${cache}/?${new URLSearchParams(query as Record<string, string>).toString()}`
  }
}
// #endregion token
