// The module, with a manager that is there, and with one that needs other providers.
import { SessionGuard, SessionModule, type SessionModuleAsyncOptions } from '@holdfast/adapter-nest'
import { createSessions } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import { Injectable, Module, type DynamicModule, type MiddlewareConsumer, type NestModule } from '@nestjs/common'
import { APP_GUARD, NestFactory } from '@nestjs/core'
import { sessions, type Data } from '../../right/sessions.ts'
import { CartController, Invitations } from './controller.ts'
import { VisitMiddleware } from './layers.ts'

@Module({
  imports: [SessionModule.forRoot({ sessions })],
  controllers: [CartController],
  providers: [Invitations, { provide: APP_GUARD, useClass: SessionGuard }],
})
export class AppModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(VisitMiddleware).forRoutes(CartController)
  }
}

@Injectable()
export class Settings {
  readonly secret = 'x'.repeat(32)
}

@Module({ providers: [Settings], exports: [Settings] })
export class SettingsModule {}

@Module({
  imports: [
    SessionModule.forRootAsync({
      imports: [SettingsModule],
      inject: [Settings],
      useFactory: ({ secret }: Settings) =>
        createSessions<Data>({ store: memoryStore(), secrets: [secret], initial: () => ({ cart: [] }) }),
      eager: true,
    }),
  ],
})
export class AsyncModule {}

// Options that are put together elsewhere.
const options: SessionModuleAsyncOptions = { useFactory: async () => sessions }
export const dynamic: DynamicModule = SessionModule.forRootAsync(options)
export const eager: DynamicModule = SessionModule.forRoot({ sessions, eager: true })

export const app = NestFactory.create(AppModule)
