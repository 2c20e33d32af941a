import { deferred } from '../deferred.ts'
import type { FaultyStore, StoreCall } from '../faulty-store.ts'

/** What came of two requests that raced. */
export interface Raced<Answer> {
  readonly answers: readonly [first: Answer, second: Answer]
  /** What happened, one after the other. */
  readonly steps: readonly Step[]
}

/** `first get`, `second put`, `second answered`, ... */
export type Step = `${Racer} ${StoreCall['method'] | 'answered'}`

type Racer = 'first' | 'second'

/** Runs two requests at once, their store calls in one of the orders that there are. */
export type Race = <Answer>(first: () => Promise<Answer>, second: () => Promise<Answer>) => Promise<Raced<Answer>>

/**
 * Runs a round in every order in which the store calls of two requests can come. Neither clock nor chance decides: each call
 * waits until the other request waits as well, or has been answered; then one of the two goes on. Answers how many orders
 * there were.
 */
export async function inEveryOrder(store: FaultyStore, round: (race: Race) => Promise<void>): Promise<number> {
  let orders = 0
  let choices: readonly number[] | undefined = []
  while (choices !== undefined) {
    const made: number[] = []
    const given: readonly number[] = choices
    await round((first, second) => raceOnce(store, first, second, () => (made[made.length] = given[made.length] ?? 0)))
    choices = nextChoices(made)
    orders += 1
  }
  return orders
}

/** Depth first: the other way at the last choice that has one left. */
function nextChoices(made: readonly number[]): readonly number[] | undefined {
  const last = made.lastIndexOf(0)
  return last < 0 ? undefined : [...made.slice(0, last), 1]
}

async function raceOnce<Answer>(
  store: FaultyStore,
  first: () => Promise<Answer>,
  second: () => Promise<Answer>,
  choose: () => number,
): Promise<Raced<Answer>> {
  const steps: Step[] = []
  const answers: Promise<Answer>[] = []
  const waiting: { readonly racer: Racer; readonly method: StoreCall['method']; readonly go: () => void }[] = []
  let running: Racer = 'first'
  let pause = deferred()

  store.fault = ({ method }) =>
    new Promise((resolve) => {
      waiting.push({ racer: running, method, go: () => resolve(undefined) })
      pause.resolve()
    })

  /** Until its next store call, or its answer. */
  async function run(racer: Racer, go: () => void): Promise<void> {
    running = racer
    pause = deferred()
    go()
    await pause.promise
  }
  function start(racer: Racer, request: () => Promise<Answer>): void {
    const answer = request()
    const answered = (): void => {
      steps.push(`${racer} answered`)
      pause.resolve()
    }
    answer.then(answered, answered)
    answers.push(answer)
  }

  await run('first', () => start('first', first))
  await run('second', () => start('second', second))
  for (;;) {
    const [next] = waiting.splice(waiting.length > 1 ? choose() : 0, 1)
    if (next === undefined) break
    steps.push(`${next.racer} ${next.method}`)
    await run(next.racer, next.go)
  }
  store.fault = undefined
  return { answers: (await Promise.all(answers)) as [Answer, Answer], steps }
}
