import type { Site } from './observe.ts'
import type { Observed } from './observed.ts'

type Fixation = Pick<Observed, 'adoptsMadeUpId' | 'plantedCookieOpens' | 'plantedCookieOpensSameId'>

/** Somebody else has put a cookie into the victim's browser, and knows it. */
export async function observeFixation(site: Site): Promise<Fixation> {
  const { newVisitor } = site
  const attacker = newVisitor()
  await attacker.get('/start')
  const names = [...attacker.cookies.keys()]
  const planted = [
    new Map(names.map((name) => [name, 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'])),
    // A good cookie in all but its tenth letter, which no signature covers any more.
    new Map([...attacker.cookies].map(([name, value]) => [name, name.endsWith('.sig') ? value : withAnotherLetter(value, 9)])),
  ]
  const adopted: boolean[] = []
  for (const cookies of planted) adopted.push(await opensAfter('/sign-in-under-the-same-id', cookies, site))
  return {
    adoptsMadeUpId: adopted.includes(true),
    plantedCookieOpens: await opensAfter('/sign-in', await startedCookies(site), site),
    plantedCookieOpensSameId: await opensAfter('/sign-in-under-the-same-id', await startedCookies(site), site),
  }
}

/** A session of the attacker's own, not signed in. */
async function startedCookies({ newVisitor }: Site): Promise<ReadonlyMap<string, string>> {
  const attacker = newVisitor()
  await attacker.get('/start')
  return attacker.cookies
}

/** Whether the attacker, with what was planted, is where the victim has signed in. */
async function opensAfter(signIn: string, planted: ReadonlyMap<string, string>, { newVisitor }: Site): Promise<boolean> {
  await newVisitor(planted).get(signIn)
  return (await newVisitor(planted).get('/read')).data['user'] === 'ada'
}

function withAnotherLetter(text: string, at: number): string {
  return text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)
}
