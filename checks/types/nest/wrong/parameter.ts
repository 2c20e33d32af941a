// A parameter that does not fit the manager's data.
import { CurrentSession, InjectSessions, type Session } from '@holdfast/adapter-nest'
import { Controller, Get } from '@nestjs/common'
import { sessions, type Data } from '../../right/sessions.ts'

@Controller()
export class WrongController {
  @Get('data')
  data(
    @CurrentSession(sessions) // error TS1239: the parameter under @CurrentSession() is not a session with this data
    session: CurrentSession<{ rights: string[] }>,
  ): string[] {
    return session.data.rights
  }

  @Get('more')
  more(
    @CurrentSession(sessions) // error TS1239: the parameter under @CurrentSession() is not a session with this data
    session: CurrentSession<Data & { rights: string[] }>,
  ): string[] {
    return session.data.rights
  }

  @Get('unwrapped')
  unwrapped(
    @CurrentSession(sessions) // error TS1239: the parameter under @CurrentSession() is not a session with this data
    data: Data,
  ): string[] {
    return data.cart
  }

  @Get('name')
  name(
    @CurrentSession() // error TS1239: the parameter under @CurrentSession() is not a session with this data
    name: string,
  ): string {
    return name
  }

  @Get('promise')
  async promise(
    @CurrentSession(sessions) // error TS1239: the parameter under @CurrentSession() is not a session with this data
    session: Promise<Session<Data>>,
  ): Promise<string[]> {
    return (await session).data.cart
  }

  @Get('keys')
  keys(@CurrentSession(sessions) session: CurrentSession<Data>): unknown {
    return session.data.basket // error TS2339: Property 'basket' does not exist on type 'Data'.
  }

  @Get('undeclared')
  undeclared(@CurrentSession() session: CurrentSession): unknown {
    return session.data.cart // error TS2339: Property 'cart' does not exist on type 'SessionData'.
  }

  @InjectSessions(sessions) // error TS2554: Expected 0 arguments, but got 1.
  readonly manager: unknown
}
