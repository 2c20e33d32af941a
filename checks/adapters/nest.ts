import { getSession, SessionModule } from '@holdfast/adapter-nest'
import type { AdapterHarness } from '@holdfast/core/testing'
import { All, Controller, Module, Req, Res, StreamableFile } from '@nestjs/common'
import { NestFactory, type AbstractHttpAdapter } from '@nestjs/core'
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'

/** On this platform of Nest. */
export function nestServe(makeAdapter: () => AbstractHttpAdapter): AdapterHarness['serve'] {
  return async (sessions, answer) => {
    const adapter = makeAdapter()

    @Controller('contract')
    class ContractController {
      @All(':deed')
      async answer(@Req() request: IncomingMessage, @Res({ passthrough: true }) response: unknown) {
        const { method = 'GET', url: path = '/' } = request
        const { status, headers, body } = await answer({
          method,
          path,
          getSession: (options) => getSession(request, sessions, options),
        })
        adapter.status(response, status)
        for (const [name, value] of headers) adapter.appendHeader(response, name, value)
        return typeof body === 'object' ? new StreamableFile(Readable.from(body, { objectMode: false })) : body
      }
    }

    @Module({ imports: [SessionModule.forRoot({ sessions })], controllers: [ContractController] })
    class AppModule {}

    const app = await NestFactory.create(AppModule, adapter, { logger: false, forceCloseConnections: true })
    await app.listen(0, '127.0.0.1')
    return { url: await app.getUrl(), close: () => app.close() }
  }
}
