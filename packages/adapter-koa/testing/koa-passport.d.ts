/** What the tests use of it; it comes without types. */
declare module 'koa-passport' {
  import type { Context, Middleware } from 'koa'

  /** What it adds to Koa's context. */
  export interface PassportContext extends Context {
    login(user: object, options?: { keepSessionInfo?: boolean }): Promise<void>
    logout(options?: { keepSessionInfo?: boolean }): Promise<void>
    isAuthenticated(): boolean
  }

  export class KoaPassport {
    use(strategy: object): this
    serializeUser(serialize: (user: object, done: (error: unknown, stored?: string) => void) => void): void
    deserializeUser(deserialize: (stored: string, done: (error: unknown, user?: object | false) => void) => void): void
    initialize(): Middleware
    session(): Middleware
    authenticate(strategy: string, options: { successRedirect: string; failureRedirect: string; failureMessage: boolean }): Middleware
  }
}
