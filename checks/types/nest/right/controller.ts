// In a controller the parameter says what the session holds; a manager given has it checked.
import { CurrentSession, InjectSessions, SessionGuard, type Session, type SessionManager } from '@holdfast/adapter-nest'
import { Controller, Get, Injectable, Param, Post, Redirect, Req, Res, UseGuards } from '@nestjs/common'
import type { Request, Response } from 'express'
import type { Equal } from '../../right/equal.ts'
import { sessions, type Data } from '../../right/sessions.ts'

@Injectable()
export class Invitations {
  constructor(@InjectSessions() private readonly manager: SessionManager<Data>) {}

  async accept(id: string): Promise<string> {
    const { cookie } = await this.manager.create({ cart: [], user: { id, name: 'Ada' } }, { subject: id })
    return cookie
  }
}

@Controller('cart')
@UseGuards(SessionGuard)
export class CartController {
  @InjectSessions() readonly manager!: SessionManager<Data>

  constructor(private readonly invitations: Invitations) {}

  @Post(':sku')
  add(@CurrentSession() session: CurrentSession<Data>, @Param('sku') sku: string): string[] {
    const known: Equal<typeof session.data, Data> = true
    session.update((data) => void data.cart.push(sku))
    return known ? session.data.cart : []
  }

  @Get()
  list(@CurrentSession(sessions) { data }: CurrentSession<Data>): string[] {
    return data.cart
  }

  @Get('fresh')
  async fresh(@CurrentSession({ fresh: true }) session: Session<Data>, @Req() request: Request): Promise<string> {
    return `${request.path} ${session.data.user?.name ?? ''} ${await this.invitations.accept('u1')}`
  }

  // What a handler does not use it need not name.
  @Get('user')
  user(@CurrentSession(sessions, { fresh: true }) session: { readonly data: Pick<Data, 'user'> }): object {
    return { name: session.data.user?.name }
  }

  @Post('sign-in')
  @Redirect('/', 303)
  signIn(@CurrentSession(sessions) session: CurrentSession<Data>): void {
    session.data.user = { id: 'u1', name: 'Ada' }
    session.regenerate({ subject: 'u1' })
  }

  @Post('sign-out')
  signOut(@Res() response: Response, @CurrentSession() session: CurrentSession): void {
    session.destroy()
    response.status(204).end()
  }
}
