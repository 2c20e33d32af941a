/** What the tests use of it; it comes without types. */
declare module 'koa-passport' {
  import type { Authenticator } from 'passport'
  import type { Context, Middleware } from 'koa'

  /** What it adds to Koa's context. */
  export interface PassportContext extends Context {
    login(user: object, options?: { keepSessionInfo?: boolean }): Promise<void>
    logout(options?: { keepSessionInfo?: boolean }): Promise<void>
    isAuthenticated(): boolean
  }

  export const KoaPassport: new () => Authenticator<Middleware, Middleware>
}
