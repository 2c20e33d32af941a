import type { IncomingMessage } from 'node:http'
import type { SessionManager } from '@holdfast/core'
import type { HttpAdapterHost } from '@nestjs/core'

/** A module whose application has started, and not ended. */
export interface RunningModule {
  readonly sessions: SessionManager<any>
  readonly adapterHost: HttpAdapterHost
}

// On the global object, where the ESM and the CJS copy of this package find each other's.
const key: unique symbol = Symbol.for('holdfast.nest.running') as never
const running = ((globalThis as { [key]?: Set<RunningModule> })[key] ??= new Set<RunningModule>())

/** Answers how to take it back. */
export function noteRunning(module: RunningModule): () => void {
  running.add(module)
  return () => running.delete(module)
}

/**
 * The manager for a request that passed no middleware: of the application whose server took it, or the only one of the process,
 * since a gateway may listen on a port of its own.
 */
export function managerFor(request: IncomingMessage): SessionManager<any> | undefined {
  const { server } = (request.socket ?? {}) as { readonly server?: unknown }
  const modules = [...running]
  const found = modules.findLast(({ adapterHost }) => server !== undefined && serverOf(adapterHost) === server)
  const managers = new Set(modules.map(({ sessions }) => sessions))
  return found?.sessions ?? (managers.size === 1 ? modules[0]?.sessions : undefined)
}

function serverOf({ httpAdapter }: HttpAdapterHost): unknown {
  return (httpAdapter as HttpAdapterHost['httpAdapter'] | null | undefined)?.getHttpServer()
}
