/** Calls back once when the process is asked to end: Ctrl-C, SIGTERM, or the end of the npm that started it. */
export function onStop(stop: () => void): void {
  const once = (): void => {
    clearInterval(watch)
    process.off('SIGINT', once).off('SIGTERM', once)
    stop()
  }
  process.on('SIGINT', once).on('SIGTERM', once)
  // The shell between npm and us dies of a SIGTERM without passing it on, and would leave us on the port.
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.env.npm_lifecycle_event !== undefined && process.ppid !== parent) once()
  }, 250).unref()
}
