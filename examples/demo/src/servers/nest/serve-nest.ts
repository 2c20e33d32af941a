// oxlint-disable-next-line import/no-unassigned-import -- what Nest's decorators write to
import 'reflect-metadata'
import type { Server } from 'node:http'
import type { SessionManager } from '@holdfast/core'
import { NestFactory } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import type { Shop } from '../../shop/shop.ts'
import type { ShopPages } from '../../views/shop-pages.ts'
import { ShopModule } from './shop.module.ts'

/** The shop on Nest, over Express. */
export async function serveNest(sessions: SessionManager<Shop>, pages: ShopPages): Promise<Server> {
  const app = await NestFactory.create<NestExpressApplication>(ShopModule.with(sessions, pages), { logger: false, abortOnError: false })
  app.disable('x-powered-by')
  await app.init()
  return app.getHttpServer()
}
