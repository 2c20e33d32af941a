import type { Fault } from '../fault.ts'
import { always, changesResumeWithin, failuresEndWithin } from '../judgement.ts'
import { lonelyServer } from '../proxied-scene.ts'

// A silent connection is dropped after some 400 ms; what was asked on it last then has its own deadline of 200 ms.
export const silenceFoundWithin = 700

export const halfOpen: Fault = {
  id: 'F6',
  title: 'connections go silent, new ones work',
  judgements: [changesResumeWithin(silenceFoundWithin), failuresEndWithin(silenceFoundWithin), ...always],
  async scene() {
    const { proxy, base } = await lonelyServer()
    return {
      ...base,
      async happen({ load, begin, mended }) {
        begin()
        proxy.stall('open')
        // From now on it is only a matter of connecting again.
        mended()
        await load.changeAcknowledged(10_000)
      },
    }
  },
}
