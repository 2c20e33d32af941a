import type { SessionManager } from '@holdfast/core'
import { sessionMiddleware } from '@holdfast/core/node'
import { Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common'
import type { ApplicationConfig, HttpAdapterHost, ModuleRef } from '@nestjs/core'
import { shareSessionProperty } from './fastify-session-property.ts'
import { noteRunning } from './running-modules.ts'
import { SessionErrorFilter } from './session-error-filter.ts'

/** What the module does in the application that imports it. */
export interface SessionHost extends OnApplicationBootstrap, OnApplicationShutdown {
  /** Puts the middleware into the HTTP server, once; before there is one, or where there never is, it does nothing. */
  mount(): void
}

/**
 * Makes it when the manager is there and before `NestFactory.create` resolves: so the middleware comes before body parsers,
 * before what `main.ts` uses, and before GraphQL's.
 */
export function sessionHost(
  sessions: SessionManager<any>,
  eager: boolean,
  adapterHost: HttpAdapterHost,
  moduleRef: ModuleRef,
): SessionHost {
  let forget: (() => void) | undefined
  let mounted = false

  function mount(): void {
    const httpAdapter = adapterHost.httpAdapter as HttpAdapterHost['httpAdapter'] | null | undefined
    if (mounted || !httpAdapter) return
    mounted = true
    httpAdapter.use(sessionMiddleware(sessions, { eager, onCommitError }))
    if (httpAdapter.getType() === 'fastify') shareSessionProperty(httpAdapter.getInstance())
  }

  mount()
  // A testing module is given its server later; Nest 10 does not tell when, and mounts as it configures middleware.
  ;(adapterHost as Partial<Pick<HttpAdapterHost, 'init$'>>).init$?.subscribe(mount)
  configOf(moduleRef)?.addGlobalFilter(new SessionErrorFilter(adapterHost))

  return {
    mount,
    // Not before: an application that cannot be made is never ended.
    onApplicationBootstrap() {
      forget = noteRunning({ sessions, adapterHost })
    },
    // The server has been closed, and its last answers were saved.
    async onApplicationShutdown() {
      forget?.()
      await sessions.close()
    },
  }
}

// Added while modules are being made, a filter comes before all others of the application, which win over it: an APP_FILTER of
// ours would come after those of the root module. Where Nest ceases to keep its configuration there, its own filter answers.
function configOf(moduleRef: ModuleRef): ApplicationConfig | undefined {
  return (moduleRef as unknown as { container?: { applicationConfig?: ApplicationConfig } }).container?.applicationConfig
}

const logger = new Logger('SessionModule')

function onCommitError(error: unknown): void {
  logger.error(error instanceof Error ? error.message : String(error), error instanceof Error ? error.stack : undefined)
}
