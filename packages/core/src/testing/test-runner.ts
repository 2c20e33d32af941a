/** What the test kit needs of a test runner: vitest, jest, node:test and bun fit as they stand. */
export interface TestRunner {
  describe(name: string, body: () => void): unknown
  test(name: string, body: () => Promise<void>): unknown
}
