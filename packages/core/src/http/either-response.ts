import type { ServerResponse } from 'node:http'

/** Node's response, or that of its HTTP/2 server, which differs in what stands here. */
type EitherResponse = ServerResponse & { readonly stream?: { readonly destroyed: boolean } }

/** HTTP/2 has no reason phrase (RFC 9113, 8.3.2), and Node warns whoever reads or sets one. */
export function hasReason(res: EitherResponse): boolean {
  return res.stream === undefined
}

/** Whether the connection or the stream is gone. */
export function isGone(res: EitherResponse): boolean {
  return res.stream?.destroyed ?? res.destroyed
}
