// One declaration types every session of an application, and has every parameter checked.
import { CurrentSession, getSession, InjectSessions, SessionModule, type Session, type SessionManager } from '@holdfast/adapter-nest'
import { createSessions } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import { Controller, Get, Module, type ExecutionContext } from '@nestjs/common'

declare module '@holdfast/core' {
  interface SessionData {
    user?: { id: string }
    cart: string[]
  }
}

const sessions = createSessions({ store: memoryStore(), secrets: [process.env.SESSION_SECRET], initial: () => ({ cart: [] }) })

@Controller()
export class ShopController {
  @InjectSessions() readonly manager!: SessionManager

  @Get('cart')
  cart(@CurrentSession() session: CurrentSession): string[] {
    return session.data.cart
  }

  @Get('user')
  user(@CurrentSession(sessions) { data }: Session): string | undefined {
    return data.user?.id
  }

  @Get('wrong')
  wrong(
    @CurrentSession() // error TS1239: the parameter under @CurrentSession() is not a session with this data
    session: CurrentSession<{ rights: string[] }>,
  ): string[] {
    return session.data.rights
  }

  @Get('keys')
  keys(@CurrentSession() session: CurrentSession): unknown {
    return session.data.basket // error TS2339: Property 'basket' does not exist on type 'SessionData'.
  }
}

@Module({ imports: [SessionModule.forRoot({ sessions })], controllers: [ShopController] })
export class ShopModule {}

export async function idOf(context: ExecutionContext): Promise<string | undefined> {
  return (await getSession(context)).data.user?.id
}
