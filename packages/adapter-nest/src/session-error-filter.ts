import type { ServerResponse } from 'node:http'
import { isSessionError, type SessionError } from '@holdfast/core'
import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter, type Type } from '@nestjs/common'
import type { HttpAdapterHost } from '@nestjs/core'

/** What `@Catch` can name: the ESM and the CJS copy of core share no class. */
const AnySessionError = { [Symbol.hasInstance]: isSessionError } as unknown as Type<SessionError>

/**
 * Answers with an error's status and headers in the shape of Nest's exceptions, `{ statusCode, message }`. The message is the
 * client's, never the developer's, which is logged where the fault is the server's.
 */
export class SessionErrorFilter implements ExceptionFilter<SessionError> {
  readonly #logger = new Logger('SessionModule')
  readonly #adapterHost: HttpAdapterHost

  constructor(adapterHost: HttpAdapterHost) {
    this.#adapterHost = adapterHost
  }

  // Of other kinds of context (microservices) nothing is answered here, so that Nest's own filter does.
  catch(error: SessionError, host: ArgumentsHost): Promise<void> | undefined {
    switch (host.getType<string>()) {
      case 'http':
        return this.#answer(error, host)
      case 'graphql':
        return this.#rethrow(error)
      default:
        return undefined
    }
  }

  async #answer(error: SessionError, host: ArgumentsHost): Promise<void> {
    const { httpAdapter } = this.#adapterHost
    const response = host.switchToHttp().getResponse<ServerResponse & { readonly raw?: ServerResponse }>()
    const { status, body, headers } = await this.#publish(error)
    if (httpAdapter.isHeadersSent(response)) {
      httpAdapter.end(response)
      return
    }
    // On Node's response: in a middleware Fastify's is not there.
    const raw = response.raw ?? response
    for (const [name, value] of headers) if (name !== 'content-type') raw.setHeader(name, value)
    httpAdapter.reply(response, body, status)
  }

  async #rethrow(error: SessionError): Promise<never> {
    const { body, status } = await this.#publish(error)
    throw new HttpException(body, status)
  }

  async #publish(error: SessionError) {
    if (error.status >= 500) this.#logger.error(`${error.code}: ${error.message}`, error.stack)
    const answer = error.getResponse()
    const { status, headers } = answer
    return { status, headers, body: { statusCode: status, message: await answer.text() } }
  }
}

Catch(AnySessionError)(SessionErrorFilter)
