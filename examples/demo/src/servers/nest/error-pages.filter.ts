import { Catch, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common'
import type { Response } from 'express'
import type { ShopPages } from '../../views/shop-pages.ts'
import { PAGES } from './pages-token.ts'

/** Answers errors with a page: that of the outage keeps what the session's error says of when to come back. */
@Catch()
export class ErrorPages implements ExceptionFilter {
  @Inject(PAGES) private readonly pages!: ShopPages

  catch(error: unknown, host: ArgumentsHost): void {
    const { status, headers, page } = this.pages.error(error)
    host.switchToHttp().getResponse<Response>().status(status).set(headers).send(page)
  }
}
