// What JSON gives: objects, arrays, strings, numbers, booleans and null, and nothing else.
type Plain = Record<string, unknown> | unknown[]

/**
 * A copy that shares nothing with it: of data that JSON gave, in an eighth of the time that parsing its text once more takes (measured,
 * 0.7 kB). Each object is copied as a whole, and what is an object in it replaced afterwards: key by key takes three times as long.
 */
export function copyOf<Data>(data: Data): Data {
  return (isPlain(data) ? copyOfPlain(data) : data) as Data
}

function copyOfPlain(data: Plain): Plain {
  if (Array.isArray(data)) {
    const items = data.slice()
    for (let at = 0; at < items.length; at += 1) {
      const item = items[at]
      if (isPlain(item)) items[at] = copyOfPlain(item)
    }
    return items
  }
  const copy = { ...data }
  for (const key in copy) {
    const value = copy[key]
    // What somebody has put into Object.prototype is no key of its own.
    if (isPlain(value) && Object.hasOwn(copy, key)) copy[key] = copyOfPlain(value)
  }
  return copy
}

/**
 * Whether JSON would make the same text of `data` as of `known`, which it gave. True only where that is certain: what has the same text and
 * another form (a Date, a key that is undefined) is told apart by making the text.
 */
export function isSameText(data: unknown, known: unknown): boolean {
  return data === known || (isPlain(known) && isPlain(data) && isSamePlain(data, known))
}

function isSamePlain(data: Plain, known: Plain): boolean {
  if (typeof (data as { toJSON?: unknown }).toJSON === 'function') return false
  if (Array.isArray(known)) {
    if (!Array.isArray(data) || data.length !== known.length || Object.getPrototypeOf(data) !== Array.prototype) return false
    for (let at = 0; at < known.length; at += 1) if (!isSameText(data[at], known[at])) return false
    return true
  }
  if (Object.getPrototypeOf(data) !== Object.prototype) return false
  const keys = Object.keys(data)
  let at = 0
  // Lists no keys, which takes half the time.
  for (const key in known) {
    if (key !== keys[at]) return false
    if (!isSameText((data as Record<string, unknown>)[key], known[key])) return false
    at += 1
  }
  return at === keys.length
}

function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null
}
