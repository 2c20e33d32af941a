export const longestName = 40

/** The name in what a form sent, or undefined when it is none. */
export function nameFrom(input: unknown): string | undefined {
  const name = typeof input === 'string' ? input.trim() : ''
  return name === '' || name.length > longestName ? undefined : name
}
