// What an application on Nest would say. The session's data is declared beside this file.
import { CurrentSession, getSession, InjectSessions, SessionGuard, SessionModule, type SessionManager } from '@holdfast/adapter-nest'
import { createSessions } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import { Controller, Get, Module, Post, UseGuards, type ExecutionContext } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'

const sessions = createSessions({ store: memoryStore(), secrets: [process.env.SESSION_SECRET], initial: () => ({ cart: [] }) })

@Controller('cart')
@UseGuards(SessionGuard)
export class CartController {
  constructor(@InjectSessions() private readonly manager: SessionManager) {}

  @Get()
  list(@CurrentSession() session: CurrentSession): string[] {
    return session.data.cart
  }

  @Post()
  add(@CurrentSession(sessions) session: CurrentSession): string {
    session.data.cart.push('tea')
    return this.manager.health().status
  }
}

@Module({ imports: [SessionModule.forRoot({ sessions })], controllers: [CartController] })
export class AppModule {}

export async function cartOf(context: ExecutionContext): Promise<string[]> {
  return (await getSession(context)).data.cart
}

export const app = NestFactory.create(AppModule)
