import { on, once } from 'node:events'
import { shop, type Shop } from '@holdfast/test-shop'
import { UseGuards, type CanActivate, type ExecutionContext } from '@nestjs/common'
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo'
import { Args, GraphQLModule, Mutation, Query, Resolver, Subscription } from '@nestjs/graphql'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { platforms, serve, type Served } from '../testing/platforms.ts'
import { CurrentSession, getSession, SessionGuard, SessionModule } from './index.ts'

const typeDefs = `
  type Query { cart: [String!]! mine: String! }
  type Mutation { add(sku: String!): [String!]! signIn: String! }
  type Subscription { greeting: String! }
`

class FilledGuard implements CanActivate {
  async canActivate(context: ExecutionContext) {
    const session = await getSession(context)
    return (session.data as Shop).cart.length > 0
  }
}

@Resolver()
class ShopResolver {
  @Query()
  cart(@CurrentSession() session: CurrentSession<Shop>) {
    return session.data.cart
  }

  @Query()
  @UseGuards(SessionGuard)
  mine(@CurrentSession() session: CurrentSession<Shop>) {
    return session.subject
  }

  @Mutation()
  add(@CurrentSession() session: CurrentSession<Shop>, @Args('sku') sku: string) {
    session.update((data) => void data.cart.push(sku))
    return session.data.cart
  }

  @Mutation()
  @UseGuards(FilledGuard)
  signIn(@CurrentSession() session: CurrentSession<Shop>) {
    session.data.user = 'ann'
    session.regenerate({ subject: 'ann' })
    return 'ann'
  }

  @Subscription()
  @UseGuards(SessionGuard)
  async *greeting(@CurrentSession() session: CurrentSession<Shop>) {
    yield { greeting: `hello ${session.subject}` }
  }
}

describe.each(platforms)('GraphQL on $platform', ({ makeAdapter }) => {
  const serveGraphql = async () => {
    const made = shop()
    const graphql = GraphQLModule.forRoot<ApolloDriverConfig>({
      driver: ApolloDriver,
      typeDefs,
      subscriptions: { 'graphql-ws': true },
      includeStacktraceInErrorResponses: false,
    })
    const served = await serve(
      { imports: [SessionModule.forRoot({ sessions: made.sessions }), graphql], providers: [ShopResolver] },
      makeAdapter(),
    )
    return { ...made, ...served }
  }
  const ask = async (visitor: ReturnType<Served['visitor']>, query: string) => {
    const answer = await visitor.request('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    })
    return {
      answer,
      status: answer.status,
      body: (await answer.json()) as { data?: unknown; errors?: { message: string; extensions: object }[] },
    }
  }

  test('a query reads, a mutation changes', async () => {
    const ann = (await serveGraphql()).visitor()
    expect((await ask(ann, '{ cart }')).body.data).toEqual({ cart: [] })
    expect(ann.jar.size).toBe(0)
    expect((await ask(ann, 'mutation { add(sku: "apple") }')).body.data).toEqual({ add: ['apple'] })
    expect((await ask(ann, '{ cart }')).body.data).toEqual({ cart: ['apple'] })
  })

  test('all fields of an operation have one session: one write, one cookie', async () => {
    const { visitor, store } = await serveGraphql()
    const ann = visitor()
    const { answer, body } = await ask(ann, 'mutation { a: add(sku: "apple") b: add(sku: "pear") signIn }')
    expect(body.data).toEqual({ a: ['apple'], b: ['apple', 'pear'], signIn: 'ann' })
    expect(answer.headers.getSetCookie()).toHaveLength(1)
    expect(store.calls.map(({ method }) => method)).toEqual(['put'])
    expect((await ask(ann, '{ mine cart }')).body.data).toEqual({ mine: 'ann', cart: ['apple', 'pear'] })
  })

  test('guards refuse', async () => {
    const ann = (await serveGraphql()).visitor()
    expect((await ask(ann, '{ mine }')).body.errors).toMatchObject([{ message: 'Unauthorized', extensions: { code: 'UNAUTHENTICATED' } }])
    expect((await ask(ann, 'mutation { signIn }')).body.errors).toMatchObject([{ message: 'Forbidden resource' }])
    expect(ann.jar.size).toBe(0)
  })

  test('a load that fails is an error of its field, in words for the client', async () => {
    const { visitor, sessions, store } = await serveGraphql()
    const { cookie } = await sessions.create({ cart: [] })
    const ann = visitor()
    const [name = '', value = ''] = cookie.split('=')
    ann.jar.set(name, value)
    store.fault = () => 'fail'
    const { body } = await ask(ann, '{ cart }')
    expect(body.errors).toMatchObject([{ message: 'The session store is unavailable. Try again.' }])
    expect(JSON.stringify(body)).not.toContain('faultyStore')
  })

  test('a save that fails is 503', async () => {
    const { failWrites, origin } = await serveGraphql()
    failWrites()
    const answer = await fetch(`${origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: 'mutation { add(sku: "apple") }' }),
    })
    expect([answer.status, answer.headers.get('retry-after'), answer.headers.getSetCookie()]).toEqual([503, '1', []])
  })

  test('a subscription has the session of its handshake', async () => {
    const { origin, sessions } = await serveGraphql()
    const { cookie } = await sessions.create({ cart: [] }, { subject: 'ann' })
    const subscribe = async (headers: Record<string, string>) => {
      const socket = new WebSocket(`${origin.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { headers })
      onTestFinished(() => socket.terminate())
      const messages = on(socket, 'message')
      await once(socket, 'open')
      socket.send(JSON.stringify({ type: 'connection_init' }))
      await messages.next()
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: 'subscription { greeting }' } }))
      return JSON.parse(String(((await messages.next()).value as [Buffer])[0])) as unknown
    }
    expect(await subscribe({ cookie })).toMatchObject({ payload: { data: { greeting: 'hello ann' } } })
    expect(await subscribe({})).toMatchObject({ payload: { errors: [{ message: 'Unauthorized' }] } })
  })
})
