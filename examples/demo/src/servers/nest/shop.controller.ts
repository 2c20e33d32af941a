import { CurrentSession } from '@holdfast/adapter-nest'
import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post, Redirect, Res } from '@nestjs/common'
import type { Response } from 'express'
import { nameFrom } from '../../shop/name-from.ts'
import { race, type RaceResult } from '../../shop/race.ts'
import { addOne, removeOne, welcome, type Shop } from '../../shop/shop.ts'
import type { ShopPages, Versions } from '../../views/shop-pages.ts'
import { PAGES } from './pages-token.ts'
import { skuPipe } from './sku.pipe.ts'

const by = 'Nest'

@Controller()
export class ShopController {
  @Inject(PAGES) private readonly pages!: ShopPages

  @Get()
  home(@CurrentSession() session: CurrentSession<Shop>, @Headers('cookie') cookie?: string): Promise<string> {
    return this.pages.home(session, cookie)
  }

  @Get('versions')
  versions(@CurrentSession() session: CurrentSession<Shop>): Promise<Versions> {
    return this.pages.versions(session)
  }

  @Post('sign-in')
  async signIn(
    @CurrentSession() session: CurrentSession<Shop>,
    @Res() res: Response,
    @Body('name') input: unknown,
    @Headers('cookie') cookie?: string,
  ): Promise<void> {
    const name = nameFrom(input)
    if (name === undefined) {
      res.status(422).send(await this.pages.home(session, cookie, { nameRefused: true }))
      return
    }
    session.update((data) => welcome(data, name, by))
    session.regenerate({ subject: name })
    res.redirect(303, '/')
  }

  @Post('sign-out')
  @Redirect('/', 303)
  signOut(@CurrentSession() session: CurrentSession<Shop>): void {
    session.destroy()
  }

  @Post('cart/:sku/add')
  @Redirect('/', 303)
  add(@CurrentSession() session: CurrentSession<Shop>, @Param('sku', skuPipe) sku: string): void {
    session.update((data) => addOne(data, sku, by))
  }

  @Post('cart/:sku/remove')
  @Redirect('/', 303)
  remove(@CurrentSession() session: CurrentSession<Shop>, @Param('sku', skuPipe) sku: string): void {
    session.update((data) => removeOne(data, sku, by))
  }

  @Post('race/:sku')
  @HttpCode(200)
  race(@CurrentSession() session: CurrentSession<Shop>, @Param('sku', skuPipe) sku: string): Promise<RaceResult> {
    return race(session, sku, by)
  }
}
