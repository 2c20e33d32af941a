import { Controller, Get, Post } from '@nestjs/common'
import { describe, expect, test } from 'vitest'
import { platforms, serve } from '../testing/platforms.ts'
import { shop, type Shop } from '../testing/shop.ts'
import { CurrentSession, SessionModule } from './index.ts'

@Controller()
class ShopController {
  @Get('who')
  who(@CurrentSession() session: CurrentSession<Shop>) {
    return session.data.user ?? 'nobody'
  }

  @Post('sign-in')
  signIn(@CurrentSession() session: CurrentSession<Shop>) {
    session.data.user = 'ann'
    session.regenerate({ subject: 'ann' })
    return 'hello'
  }
}

describe.each(platforms)('on $platform', ({ makeAdapter }) => {
  test('signs in', async () => {
    const imports = [SessionModule.forRoot({ sessions: shop().sessions })]
    const ann = (await serve({ imports, controllers: [ShopController] }, makeAdapter())).visitor()
    expect(await (await ann.request('/sign-in', { method: 'POST' })).text()).toBe('hello')
    expect(await (await ann.request('/who')).text()).toBe('ann')
  })
})
