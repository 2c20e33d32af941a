import type { SessionManager } from '@holdfast/core'
import { Inject, Module, type DynamicModule, type NestModule, type Provider } from '@nestjs/common'
import { HttpAdapterHost, ModuleRef } from '@nestjs/core'
import { checkedManager, checkModuleOptions, wrong, type SessionModuleAsyncOptions, type SessionModuleOptions } from './module-options.ts'
import { sessionHost, type SessionHost } from './session-host.ts'
import { SESSION_HOST, SESSIONS } from './tokens.ts'

/**
 * Gives every request of an application its session, on Express and on Fastify, and saves it before the answer's first byte
 * leaves. A request that never asks for it costs no store call. Global: import it once, in the root module.
 *
 * It closes the manager with the application, when the last answers have been saved.
 *
 * @example
 * @Module({ imports: [SessionModule.forRoot({ sessions })] })
 * export class AppModule {}
 */
export class SessionModule implements NestModule {
  readonly #host: SessionHost

  constructor(host: SessionHost) {
    this.#host = host
  }

  /**
   * Give each application a manager of its own: the first application to close would close the store under the others.
   *
   * @throws `ERR_OPTION` that names the wrong option, what was given, and what it takes
   */
  static forRoot(options: SessionModuleOptions): DynamicModule {
    checkModuleOptions('forRoot', options, 'sessions')
    const { sessions, eager } = options
    return sessionModule({ provide: SESSIONS, useValue: checkedManager('sessions of SessionModule.forRoot()', sessions) }, eager)
  }

  /**
   * For a manager that needs other providers.
   *
   * @throws `ERR_OPTION` as `forRoot` does; for what the factory answers, when the application is made
   * @example
   * SessionModule.forRootAsync({
   *   inject: [ConfigService],
   *   useFactory: (config: ConfigService) =>
   *     createSessions<Data>({ store: redisStore({ url: config.get('REDIS_URL') }), secrets: config.get('SECRETS') }),
   * })
   */
  static forRootAsync(options: SessionModuleAsyncOptions): DynamicModule {
    checkModuleOptions('forRootAsync', options, 'useFactory')
    const { imports = [], inject = [], useFactory, eager } = options
    if (typeof useFactory !== 'function')
      throw wrong('useFactory of SessionModule.forRootAsync()', useFactory, 'a function that answers what createSessions() makes')
    const make = async (...dependencies: unknown[]): Promise<SessionManager<any>> =>
      checkedManager('What useFactory of SessionModule.forRootAsync() answered', await useFactory(...dependencies))
    return { ...sessionModule({ provide: SESSIONS, useFactory: make, inject }, eager), imports }
  }

  /** Called by Nest. */
  configure(): void {
    this.#host.mount()
  }
}

// Decorators as plain calls, so that this source also runs where no compiler is told to read them.
Module({})(SessionModule)
Inject(SESSION_HOST)(SessionModule, undefined, 0)

function sessionModule(sessions: Provider, eager = false): DynamicModule {
  return {
    module: SessionModule,
    global: true,
    providers: [
      sessions,
      {
        provide: SESSION_HOST,
        inject: [SESSIONS, HttpAdapterHost, ModuleRef],
        useFactory: (manager: SessionManager<any>, adapterHost: HttpAdapterHost, moduleRef: ModuleRef) =>
          sessionHost(manager, eager, adapterHost, moduleRef),
      },
    ],
    exports: [SESSIONS],
  }
}
