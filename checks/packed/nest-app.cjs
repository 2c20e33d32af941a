// oxlint-disable import/no-commonjs, typescript/no-extraneous-class -- it shows what is written without a compiler
// A Nest application in JavaScript, as CommonJS. On each platform it has somebody sign in, and says what was answered.
const { CurrentSession, getSession, SessionGuard, SessionModule } = require('@holdfast/adapter-nest')
const { createSessions } = require('@holdfast/core')
const { memoryStore } = require('@holdfast/core/memory')
const { Controller, Get, Module, Post, Req, UseGuards } = require('@nestjs/common')
const { NestFactory } = require('@nestjs/core')
const { ExpressAdapter } = require('@nestjs/platform-express')
const { FastifyAdapter } = require('@nestjs/platform-fastify')

class ShopController {
  signIn(session) {
    session.data.user = 'ann'
    session.regenerate({ subject: 'ann' })
    return 'signed in'
  }

  async account(session, request) {
    const esm = await import('@holdfast/adapter-nest')
    const isCopy = esm.getSession !== getSession
    return { user: session.data.user, sameInOtherCopy: isCopy && (await esm.getSession(request)) === session }
  }
}
Controller()(ShopController)
decorate('signIn', Post('sign-in'))
decorate('account', Get('account'), UseGuards(SessionGuard))
CurrentSession()(ShopController.prototype, 'signIn', 0)
CurrentSession()(ShopController.prototype, 'account', 0)
Req()(ShopController.prototype, 'account', 1)

function decorate(method, ...decorators) {
  const descriptor = Object.getOwnPropertyDescriptor(ShopController.prototype, method)
  for (const decorator of decorators) decorator(ShopController.prototype, method, descriptor)
}

function shopModule() {
  class ShopModule {}
  const sessions = createSessions({ store: memoryStore(), secrets: ['a secret for tests, of 32 bytes or more'] })
  Module({ imports: [SessionModule.forRoot({ sessions })], controllers: [ShopController] })(ShopModule)
  return ShopModule
}

async function visit(platform) {
  const app = await NestFactory.create(shopModule(), platform, { logger: ['error'] })
  await app.listen(0, '127.0.0.1')
  const origin = await app.getUrl()
  const stranger = await fetch(`${origin}/account`)
  const signIn = await fetch(`${origin}/sign-in`, { method: 'POST' })
  const [cookie] = signIn.headers.get('set-cookie').split(';')
  const account = await fetch(`${origin}/account`, { headers: { cookie } })
  const answers = { stranger: stranger.status, signIn: signIn.status, account: await account.json() }
  await app.close()
  return answers
}

async function main() {
  console.log(JSON.stringify([await visit(new ExpressAdapter()), await visit(new FastifyAdapter())]))
}
void main()
