import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { channelName } from '@holdfast/core'
import { countedEvents } from './load/counted-events.ts'
import type { Fault, Form, RunningFault, Scene, System } from './fault.ts'
import { holdfastSite } from './load/holdfast-site.ts'
import { startLoad, type LoadSize } from './load/load.ts'
import { plainSite } from './load/plain-site.ts'
import type { Site } from './load/site.ts'
import { runReport, type RunReport } from './run-report.ts'

/** Milliseconds of load before the fault, and how long it lasts at least in all. */
interface Pace extends LoadSize {
  readonly before: number
  readonly after: number
  readonly atLeast: number
}

const paces: Readonly<Record<Form, Pace>> = {
  short: { users: 40, rate: 120, before: 1_000, after: 500, atLeast: 0 },
  long: { users: 200, rate: 400, before: 4_000, after: 1_000, atLeast: 20_000 },
}

/** One run of one fault, on servers of its own; `manager` is what the scene does not say of it. */
export async function runFault(fault: Fault, system: System, form: Form, manager?: Scene['manager']): Promise<RunReport> {
  const started = await fault.scene(form)
  const scene = { ...started, manager: { ...manager, ...started.manager } }
  try {
    return await runScene(scene, system, form)
  } finally {
    await scene.close()
  }
}

async function runScene(scene: Scene, system: System, form: Form): Promise<RunReport> {
  const sites: Site[] = []
  const anotherSite = (): Site => {
    const site = scene.site?.(system, scene.manager) ?? (system === 'holdfast' ? holdfastSite(scene) : plainSite(() => scene.plain(system)))
    sites.push(site)
    return site
  }
  const watch = watchProcess()
  try {
    return await runLoad(scene, { anotherSite, form, system }, watch)
  } finally {
    watch.stop()
    await Promise.all(sites.map((site) => site.close()))
  }
}

async function runLoad(scene: Scene, how: Pick<RunningFault, 'anotherSite' | 'form' | 'system'>, watch: ProcessWatch): Promise<RunReport> {
  const { anotherSite, form } = how
  const site = anotherSite()
  const { before, after, atLeast, ...size } = paces[form]
  const load = await startLoad(site, size)
  const startedAt = performance.now()
  let begunAt: number | undefined
  let mendedAt: number | undefined
  try {
    await sleep(before)
    await scene.happen({
      ...how,
      load,
      site,
      begin: () => void (begunAt ??= performance.now()),
      mended: () => void (mendedAt ??= performance.now()),
    })
    const endedAt = performance.now()
    await sleep(Math.max(after, startedAt + atLeast - endedAt))
    const stoppedAt = performance.now()
    await load.stop()
    const finished = { load, records: load.records, begunAt: begunAt ?? startedAt, mendedAt, endedAt }
    const audits = await load.audit()
    const facts = (await scene.facts?.({ ...finished, audits })) ?? {}
    return runReport(finished, { audits, startedAt, stoppedAt, deadline: site.deadline, facts, ...watch.seen() })
  } finally {
    await load.stop()
  }
}

interface ProcessWatch {
  seen(): { readonly events: Record<string, number>; readonly unhandled: number; readonly leaks: number; readonly stall: number }
  stop(): void
}

/** Counts what this process is told by events and by rejections that nobody handles, of leaks, and how long it was held up. */
function watchProcess(): ProcessWatch {
  const events: Record<string, number> = {}
  const listeners = countedEvents.map((name) => [channelName(name), () => void (events[name] = (events[name] ?? 0) + 1)] as const)
  for (const [channel, listener] of listeners) subscribe(channel, listener)
  let unhandled = 0
  const count = (): void => void (unhandled += 1)
  process.on('unhandledRejection', count)
  let leaks = 0
  const onWarning = ({ name }: Error): void => void (leaks += name === 'MaxListenersExceededWarning' ? 1 : 0)
  process.on('warning', onWarning)
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  return {
    seen: () => ({ events: { ...events }, unhandled, leaks, stall: delay.max / 1e6 }),
    stop() {
      for (const [channel, listener] of listeners) unsubscribe(channel, listener)
      process.off('unhandledRejection', count)
      process.off('warning', onWarning)
      delay.disable()
    },
  }
}
