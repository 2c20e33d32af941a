import { SessionModule } from '@holdfast/adapter-nest'
import type { SessionManager } from '@holdfast/core'
import { Module, type DynamicModule } from '@nestjs/common'
import { APP_FILTER } from '@nestjs/core'
import type { Shop } from '../../shop/shop.ts'
import type { ShopPages } from '../../views/shop-pages.ts'
import { ErrorPages } from './error-pages.filter.ts'
import { PAGES } from './pages-token.ts'
import { ShopController } from './shop.controller.ts'

@Module({})
export class ShopModule {
  static with(sessions: SessionManager<Shop>, pages: ShopPages): DynamicModule {
    return {
      module: ShopModule,
      imports: [SessionModule.forRoot({ sessions })],
      controllers: [ShopController],
      providers: [
        { provide: PAGES, useValue: pages },
        { provide: APP_FILTER, useClass: ErrorPages },
      ],
    }
  }
}
