// RFC 9110, 8 (content), 10.2.2 (where to go), RFC 9111 (caching), cookies and what else acts on the browser.
const pattern =
  /^(?:content-(?!security-policy).*|etag|last-modified|accept-ranges|transfer-encoding|trailer|location|refresh|hx-.*|cache-control|expires|age|set-cookie|clear-site-data)$/i

/**
 * Whether a header speaks of one answer (its content, where it leads, its cookies), so that it has no place on the error that
 * is sent instead when the session could not be saved. What speaks for the server stays: a script of another origin reads the
 * error only with its CORS headers. For adapters of your own.
 *
 * @example
 * for (const name of [...headers.keys()]) if (belongsToAnswer(name)) headers.delete(name)
 */
export function belongsToAnswer(name: string): boolean {
  return pattern.test(name)
}
