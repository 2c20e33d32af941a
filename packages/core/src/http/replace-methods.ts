/**
 * Puts methods in place of others on an object. Answers how to put those back; what somebody else has replaced meanwhile
 * stays as it is. By assignment, since defining and deleting properties would cost each request tens of microseconds.
 */
export function replaceMethods<Name extends string>(on: object, original: Record<Name, unknown>, ours: Record<Name, unknown>): () => void {
  const target = on as Record<Name, unknown>
  Object.assign(target, ours)
  return () => {
    for (const name in ours) if (target[name] === ours[name]) target[name] = original[name]
  }
}
