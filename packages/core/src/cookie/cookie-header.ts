/**
 * The values of all cookies of this name, in the header's order (browsers send the longer path first, then the older:
 * RFC 6265bis, 5.8.3). Never throws, whatever the header holds. Trims spaces and tabs and nothing else: anything more lets one cookie
 * shadow another (CVE-2026-39410), and a nameless `=__Host-x=bad` is no cookie of ours (CVE-2023-23934).
 */
export function cookieValues(header: string | null | undefined, name: string): string[] {
  const values: string[] = []
  if (!header?.includes(name)) return values
  // Looked for again only once it is behind: a header of semicolons must not cost its length squared.
  let equals = header.indexOf('=')
  for (let start = 0; equals >= 0;) {
    let end = header.indexOf(';', start)
    if (end < 0) end = header.length
    if (equals < end && trimmed(header, start, equals) === name) values.push(trimmed(header, equals + 1, end))
    start = end + 1
    if (equals < start) equals = header.indexOf('=', start)
  }
  return values
}

function trimmed(text: string, start: number, end: number): string {
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}
