/**
 * Gives an object own properties in place of those it has or inherits. Answers how to put things back as they were; what
 * somebody else has replaced meanwhile stays as it is.
 */
export function override(target: object, properties: PropertyDescriptorMap): () => void {
  const names = Object.keys(properties)
  const previous = names.map((name) => Object.getOwnPropertyDescriptor(target, name))
  for (const name of names) Object.defineProperty(target, name, { ...properties[name], configurable: true })

  return () => {
    for (const [index, name] of names.entries()) {
      const found = Object.getOwnPropertyDescriptor(target, name)
      const ours = properties[name]
      if (found === undefined || found.value !== ours?.value || found.get !== ours?.get) continue
      const before = previous[index]
      if (before === undefined) Reflect.deleteProperty(target, name)
      else Object.defineProperty(target, name, before)
    }
  }
}

/** A property that can be replaced again, as middleware does. */
export function method(value: unknown): PropertyDescriptor {
  return { value, writable: true, enumerable: true }
}
