// The application that other versions of Nest serve, on Express and on Fastify: compiled as Nest's own template of a project has it
// compiled, as an ES module and as CommonJS. It says its port, and when the sessions' store was closed.
import { CurrentSession, InjectSessions, SessionGuard, SessionModule, getSession } from '@holdfast/adapter-nest'
import { createSessions, type SessionManager, type SessionStore } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import {
  Catch,
  Controller,
  Get,
  HttpCode,
  HttpException,
  Inject,
  Module,
  Param,
  Post,
  Redirect,
  UseFilters,
  UseGuards,
  type ArgumentsHost,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
} from '@nestjs/common'
import { HttpAdapterHost, NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'

interface Shop {
  user?: string
  cart: string[]
}

let isSilent = false
const memory = memoryStore()
const store: SessionStore = {
  ...memory,
  get: (key, options) => (isSilent ? new Promise(() => {}) : memory.get(key, options)),
  async close() {
    await memory.close?.()
    console.log(JSON.stringify({ closed: true }))
  },
}
const sessions = createSessions<Shop>({
  store,
  secrets: ['a secret for tests, of 32 bytes or more'],
  initial: () => ({ cart: [] }),
  requestTimeout: 100,
})

/** What many applications have: a filter that answers every error in its own way, and sets no header. */
@Catch()
class CatchEverything implements ExceptionFilter {
  @Inject(HttpAdapterHost) readonly adapterHost!: HttpAdapterHost

  catch(error: { readonly statusCode?: number }, host: ArgumentsHost): void {
    const status = error.statusCode ?? 500
    this.adapterHost.httpAdapter.reply(host.switchToHttp().getResponse(), { caught: status }, status)
  }
}

/** Asks for the session with what a guard is given. */
class FullCart implements CanActivate {
  async canActivate(context: ExecutionContext): Promise<boolean> {
    return (await getSession(context, sessions)).data.cart.length < 2
  }
}

@Controller()
class ShopController {
  @InjectSessions() readonly manager!: SessionManager<Shop>

  @Get('plain')
  plain(): string {
    return 'plain'
  }

  @Get('me')
  me(@CurrentSession() session: CurrentSession<Shop>): object {
    const { data, outcome, subject } = session
    return { user: data.user, cart: data.cart, outcome, subject, injected: this.manager === sessions }
  }

  @Get('account')
  @UseGuards(SessionGuard)
  account(@CurrentSession(sessions) { data }: CurrentSession<Shop>): object {
    return { user: data.user }
  }

  @Get('caught')
  @UseFilters(CatchEverything)
  caught(@CurrentSession() session: CurrentSession<Shop>): object {
    return session.data
  }

  @Post('sign-in')
  @Redirect('/me', 303)
  signIn(@CurrentSession() session: CurrentSession<Shop>): void {
    session.data.user = 'ann'
    session.regenerate({ subject: 'ann' })
  }

  @Post('cart/:sku')
  @UseGuards(FullCart)
  add(@CurrentSession() session: CurrentSession<Shop>, @Param('sku') sku: string): string[] {
    session.update((data) => void data.cart.push(sku))
    return session.data.cart
  }

  @Post('fails')
  fails(@CurrentSession() session: CurrentSession<Shop>): never {
    session.data.cart.push('saved all the same')
    throw new HttpException('teapot', 418)
  }

  @Post('sign-out')
  @HttpCode(204)
  signOut(@CurrentSession() session: CurrentSession<Shop>): void {
    session.destroy()
  }

  @Post('silence/:state')
  @HttpCode(204)
  silence(@Param('state') state: string): void {
    isSilent = state === 'on'
  }
}

const isFastify = process.argv[2] === 'fastify'

@Module({
  imports: [isFastify ? SessionModule.forRootAsync({ useFactory: async () => sessions }) : SessionModule.forRoot({ sessions })],
  controllers: [ShopController],
})
class ShopModule {}

async function start(): Promise<void> {
  // Errors are logged as they should be; a warning would be a fault.
  const logger = { log() {}, error() {}, warn: console.log }
  const app = await NestFactory.create(ShopModule, isFastify ? new FastifyAdapter() : new ExpressAdapter(), { logger })
  app.enableShutdownHooks()
  const server = await app.listen(0, '127.0.0.1')
  console.log(JSON.stringify({ port: server.address().port }))
}

void start()
