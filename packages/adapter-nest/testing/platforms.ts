import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { browser, type Browser } from '@holdfast/test-shop'
import type { INestApplication, MiddlewareConsumer, ModuleMetadata, NestApplicationOptions, NestModule } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { onTestFinished } from 'vitest'

/** What the tests of each platform run on. `options` are Fastify's own. */
export const platforms = [
  { platform: 'Express', makeAdapter: (): ExpressAdapter => new ExpressAdapter() },
  { platform: 'Fastify', makeAdapter: (options?: { trustProxy: boolean }): FastifyAdapter => new FastifyAdapter(options) },
] as const

export type HttpApplication = INestApplication<Server>

/** A server of Nest that listens. */
export interface Served {
  readonly app: HttpApplication
  readonly origin: string
  /** A browser with cookies of its own. */
  visitor(): Browser
}

export interface ServeOptions extends NestApplicationOptions {
  /** The middleware of the root module. */
  readonly configure?: ((consumer: MiddlewareConsumer) => unknown) | undefined
  /** What `main.ts` does before it listens. */
  readonly prepare?: ((app: HttpApplication) => unknown) | undefined
}

/** Serves an application with this root module on a free port until the test has finished. */
export async function serve(
  metadata: ModuleMetadata,
  adapter: ExpressAdapter | FastifyAdapter,
  { configure, prepare, ...options }: ServeOptions = {},
): Promise<Served> {
  const quiet = { logger: false, abortOnError: false } as const
  const app = await NestFactory.create<HttpApplication>({ module: rootModule(configure), ...metadata }, adapter, { ...quiet, ...options })
  await prepare?.(app)
  return listen(app)
}

/** Listens on a free port until the test has finished. */
export async function listen(app: HttpApplication): Promise<Served> {
  onTestFinished(async () => app.close())
  await app.listen(0, '127.0.0.1')
  const origin = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`
  return { app, origin, visitor: () => browser(origin) }
}

function rootModule(configure?: (consumer: MiddlewareConsumer) => unknown) {
  return class AppModule implements NestModule {
    configure(consumer: MiddlewareConsumer): void {
      configure?.(consumer)
    }
  }
}
