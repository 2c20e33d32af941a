import type { TestRunner } from './test-runner.ts'

/** What one promise is tried on, made for it alone. */
export interface Disposable {
  cleanUp(): Promise<void>
}

/** Defines one promise of a contract; `isKept` throws when it is broken. */
export type DefinePromise<Subject> = (name: string, isKept: (subject: Subject) => Promise<void>) => void

/** Tests of a contract: each opens a subject of its own, and cleans up after it whatever came of it. */
export function definePromises<Subject extends Disposable>({ test }: TestRunner, open: () => Promise<Subject>): DefinePromise<Subject> {
  return (name, isKept) =>
    void test(name, async () => {
      const subject = await open()
      try {
        await isKept(subject)
      } finally {
        await subject.cleanUp()
      }
    })
}
