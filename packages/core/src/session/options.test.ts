import { describe, expect, test } from 'vitest'
import { days, hours, minutes, seconds } from '../duration.ts'
import { isSessionError } from '../errors.ts'
import { memoryStore } from '../stores/memory/memory-store.ts'
import { createSessions } from './manager.ts'
import type { Session } from './session.ts'

const secret = 'a secret of at least thirty-two bytes'
const create = (options: object): unknown => createSessions({ store: memoryStore(), secrets: [secret], ...options } as never)

/** The one error that wrong options give. */
function complaint(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    expect(error).toSatisfy(isSessionError)
    expect(error).toMatchObject({ code: 'ERR_OPTION', status: 500 })
    return (error as Error).message
  }
  return 'nothing'
}

describe('wrong options of createSessions are one error, which names the option, what was given, and what it takes', () => {
  const duration = 'milliseconds from 1000 to ten years, such as minutes(30)'
  const notDurations: [unknown, string][] = [
    [null, 'null'],
    ['30m', '"30m"'],
    [Number.NaN, 'NaN'],
    [Infinity, 'Infinity'],
    [-1, '-1'],
    [0, '0'],
    [30, '30'],
    [days(3651), '315446400000'],
    [{}, 'an object'],
    [[1800], 'an array'],
    [() => 1, 'a function'],
    [5n, 'a bigint'],
    [true, 'true'],
  ]

  test.each(['idleTimeout', 'absoluteTimeout'])('%s', (name) => {
    for (const [given, text] of notDurations)
      expect(complaint(() => create({ [name]: given }))).toBe(`${name} is ${text}; it takes ${duration}.`)
    create({ [name]: undefined })
    create({ [name]: hours(1) })
  })

  test('idleTimeout against absoluteTimeout', () => {
    expect(complaint(() => create({ idleTimeout: hours(13) }))).toBe(
      'idleTimeout is 46800000; it takes at most absoluteTimeout (43200000).',
    )
    create({ idleTimeout: hours(12) })
    create({ idleTimeout: seconds(1), absoluteTimeout: seconds(1) })
    create({ idleTimeout: days(30), absoluteTimeout: days(3650) })
  })

  test.each(['operationTimeout', 'requestTimeout'])('%s', (name) => {
    const timeouts = notDurations.filter(([given]) => given !== 30)
    for (const [given, text] of timeouts)
      expect(complaint(() => create({ [name]: given }))).toBe(`${name} is ${text}; it takes ${duration.replace('1000', '1')}.`)
    create({ [name]: minutes(1) })
  })

  const table: [string, unknown, string, string][] = [
    ['store', undefined, 'undefined', 'a session store, such as memoryStore()'],
    ['store', null, 'null', 'a session store, such as memoryStore()'],
    ['store', 'redis://localhost', 'a string', 'a session store, such as memoryStore()'],
    ['store', memoryStore, 'a function', 'a session store, such as memoryStore()'],
    ['store', {}, 'something without get()', 'a session store, such as memoryStore()'],
    ['store', { get() {}, put() {}, touch: 1, delete() {} }, 'something without touch()', 'a session store, such as memoryStore()'],
    ['secrets', undefined, 'undefined', 'an array of strings, the newest first'],
    ['secrets', null, 'null', 'an array of strings, the newest first'],
    ['secrets', secret, 'a string', 'an array of strings, the newest first'],
    ['secrets[0]', [], 'undefined', 'a string of at least 32 bytes: is its environment variable set?'],
    ['secrets[0]', [undefined, secret], 'undefined', 'a string of at least 32 bytes: is its environment variable set?'],
    ['secrets[0]', [null], 'null', 'a string'],
    ['secrets[0]', [42], 'a number', 'a string'],
    ['secrets[0]', ['keyboard cat'], 'a string of 12 bytes', 'at least 32 bytes (openssl rand -base64 32)'],
    ['secrets[2]', [secret, undefined, ''], 'a string of 0 bytes', 'at least 32 bytes (openssl rand -base64 32)'],
    ['secrets[1]', [secret, Buffer.from(secret)], 'an object', 'a string'],
    ['strict', 'yes', '"yes"', 'true or false'],
    ['strict', null, 'null', 'true or false'],
    ['strict', 1, '1', 'true or false'],
    ['onOverlap', 'first-wins', '"first-wins"', '"last-wins" or "fail"'],
    ['onOverlap', {}, 'an object', '"last-wins" or "fail"'],
    ['onOverlap', 5n, 'a bigint', '"last-wins" or "fail"'],
    ['onUnavailable', 'stale', '"stale" with a store that keeps no copies', '"stale" with one that does, such as nearCache(store)'],
    ['onUnavailable', null, 'null', '"fail" or "anonymous" or "stale"'],
    ['guarded', 'user', '"user"', 'an array of top-level keys'],
    ['guarded', null, 'null', 'an array of top-level keys'],
    ['guarded[1]', ['user', 5], '5', 'a top-level key'],
    ...(
      [
        [null, 'null'],
        ['all', '"all"'],
        [1, '1'],
        [true, 'true'],
        [() => 1, 'a function'],
      ] as const
    ).map(([given, text]): [string, unknown, string, string] => [
      'durability',
      given,
      text,
      "'primary', 'replicated' or { replicas: 1, withinTimeout: 500 }",
    ]),
    ['maxBytes', '1mb', '"1mb"', 'a whole number of bytes, at least 1'],
    ['maxBytes', 0, '0', 'a whole number of bytes, at least 1'],
    ['maxBytes', 1.5, '1.5', 'a whole number of bytes, at least 1'],
    ['maxBytes', Infinity, 'Infinity', 'a whole number of bytes, at least 1'],
    ['maxBytes', null, 'null', 'a whole number of bytes, at least 1'],
    ['clock', null, 'null', 'a clock, such as fakeClock()'],
    ['clock', Math, 'something without now()', 'a clock, such as fakeClock()'],
    ['clock', {}, 'something without now()', 'a clock, such as fakeClock()'],
    ['initial', {}, 'an object', 'a function that makes the data'],
    ['initial', null, 'null', 'a function that makes the data'],
    ['codec', null, 'null', 'a codec: encode() and decode()'],
    ['codec', 'json', 'a string', 'a codec: encode() and decode()'],
    ['codec', { encode() {} }, 'something without decode()', 'a codec: encode() and decode()'],
    ["schema['~standard']", null, 'undefined', 'a Standard Schema, such as one of zod 3.24 or later'],
    ["schema['~standard']", { parse() {} }, 'undefined', 'a Standard Schema, such as one of zod 3.24 or later'],
    ['cookie', null, 'null', 'an object of options'],
    ['cookie', 'sid', '"sid"', 'an object of options'],
    ['cookie.name', null, 'null', "letters, digits and !#$%&'*+-.^_`|~ (RFC 9110, token)"],
    ['cookie.name', 5, '5', "letters, digits and !#$%&'*+-.^_`|~ (RFC 9110, token)"],
    ['cookie.name', '', '""', "letters, digits and !#$%&'*+-.^_`|~ (RFC 9110, token)"],
    ['cookie.secure', null, 'null', "true, false or 'auto'"],
    ['cookie.secure', 'true', '"true"', "true, false or 'auto'"],
    ['cookie.secure', 1, '1', "true, false or 'auto'"],
    ['cookie.sameSite', null, 'null', "'lax', 'strict' or 'none'"],
    ['cookie.sameSite', 'Lax', '"Lax"', "'lax', 'strict' or 'none'"],
    ['cookie.sameSite', true, 'true', "'lax', 'strict' or 'none'"],
    ['cookie.sameSite', 'constructor', '"constructor"', "'lax', 'strict' or 'none'"],
    ['cookie.sameSite', ['lax'], 'an array', "'lax', 'strict' or 'none'"],
    ['cookie.path', null, 'null', 'a path that starts with / and holds no space, ; or control character'],
    ['cookie.path', 5, '5', 'a path that starts with / and holds no space, ; or control character'],
    ['cookie.path', ['/'], 'an array', 'a path that starts with / and holds no space, ; or control character'],
    ['cookie.domain', null, 'null', 'a host name such as example.com'],
    ['cookie.domain', 5, '5', 'a host name such as example.com'],
    ['cookie.domain', {}, 'an object', 'a host name such as example.com'],
    ['cookie.partitioned', null, 'null', 'true or false'],
    ['cookie.partitioned', 'false', '"false"', 'true or false'],
  ]

  test.each(table)('%s: %o', (name, given, text, takes) => {
    const [option = '', part = ''] = name.split(/[.[]/)
    const options = option === 'cookie' && part !== '' ? { cookie: { [part]: given } } : { [option]: given }
    expect(complaint(() => create(options))).toBe(`${name} is ${text}; it takes ${takes}.`)
  })

  test('durability', () => {
    const complaintOf = (durability: object): string => complaint(() => create({ durability }))
    for (const [given, text] of [
      [undefined, 'undefined'],
      [0, '0'],
      [-1, '-1'],
      [1.5, '1.5'],
      [Number.NaN, 'NaN'],
      ['1', '"1"'],
    ])
      expect(complaintOf({ replicas: given, withinTimeout: 500 })).toBe(
        `durability.replicas is ${text}; it takes a whole number, at least 1.`,
      )
    for (const [given, text] of [
      [undefined, 'undefined'],
      [0, '0'],
      [Number.NaN, 'NaN'],
      [60_001, '60001'],
      ['500', '"500"'],
    ])
      expect(complaintOf({ replicas: 1, withinTimeout: given })).toBe(
        `durability.withinTimeout is ${text}; it takes milliseconds from 1 to 60000, such as 500.`,
      )
    for (const durability of ['primary', 'replicated', { replicas: 1, withinTimeout: 1 }, { replicas: 2, withinTimeout: minutes(1) }])
      create({ durability })
  })

  test('no options at all', () => {
    for (const [given, text] of [
      [undefined, 'undefined'],
      [null, 'null'],
      ['redis', '"redis"'],
    ] as const)
      expect(complaint(() => createSessions(given as never))).toBe(
        `options is ${text}; it takes an object: createSessions({ store, secrets }).`,
      )
  })

  test('every option may be undefined but store and secrets', () => {
    const names = [
      'idleTimeout',
      'absoluteTimeout',
      'strict',
      'onOverlap',
      'guarded',
      'onUnavailable',
      'operationTimeout',
      'requestTimeout',
      'durability',
      'maxBytes',
      'clock',
    ]
    for (const name of [...names, 'initial', 'codec', 'schema', 'cookie']) create({ [name]: undefined })
    create({
      cookie: { name: undefined, secure: undefined, sameSite: undefined, path: undefined, domain: undefined, partitioned: undefined },
    })
    create({ secrets: [secret, undefined], clock: Date })
  })
})

describe('wrong calls of a session', () => {
  const open = async (): Promise<Session<{ cart?: string[] }>> =>
    createSessions({ store: memoryStore(), secrets: [secret] })
      .open(null)
      .load()
  const callback = (): void => {}

  const table: [string, string, readonly unknown[], string][] = [
    ['update', 'nothing', [], "update()'s argument is undefined; it takes a function that changes the data."],
    ['update', 'data', [{ cart: ['book'] }], "update()'s argument is an object; it takes a function that changes the data."],
    ['update', 'null', [null], "update()'s argument is null; it takes a function that changes the data."],
    [
      'update',
      'an async function',
      [async () => {}],
      'update() runs its function again after a conflict: it must not be async. Await first, then update.',
    ],
    ['regenerate', 'null', [null], "regenerate()'s argument is null; it takes an object: regenerate({ subject: user.id })."],
    ['regenerate', 'a subject', ['u1'], "regenerate()'s argument is a string; it takes an object: regenerate({ subject: user.id })."],
    [
      'regenerate',
      'a number',
      [{ subject: 5 }],
      'regenerate({ subject }) is a number; it takes a string that names whose session this is.',
    ],
    [
      'regenerate',
      'null for a subject',
      [{ subject: null }],
      'regenerate({ subject }) is null; it takes a string that names whose session this is.',
    ],
    [
      'regenerate',
      'an empty subject',
      [{ subject: '' }],
      'regenerate({ subject }) is an empty string; it takes a string that names whose session this is.',
    ],
    ...(
      [
        [null, 'null'],
        [true, 'true'],
        ['86400000', '"86400000"'],
        [Number.NaN, 'NaN'],
        [Infinity, 'Infinity'],
        [-1, '-1'],
        [30, '30'],
        [days(401), '34646400000'],
        [{}, 'an object'],
      ] as const
    ).map(([persistent, text]): [string, string, readonly unknown[], string] => [
      'regenerate',
      `persistent: ${text}`,
      [{ persistent }],
      `regenerate({ persistent }) is ${text}; it takes milliseconds, at most days(400), such as days(30).`,
    ]),
    ...['update', 'regenerate', 'destroy', 'discard', 'save'].map((method): [string, string, readonly unknown[], string] => [
      method,
      'a callback',
      method === 'update' ? [() => {}, callback] : [callback],
      `${method}() takes no callback: save() answers a promise, and the others are carried out by the commit.`,
    ]),
    ['save', 'null', [null], "save()'s argument is null; it takes an object: save({ durability })."],
    ['save', 'a durability', ['replicated'], "save()'s argument is a string; it takes an object: save({ durability })."],
    [
      'save',
      'a number of replicas',
      [{ durability: 2 }],
      "save({ durability }) is 2; it takes 'primary', 'replicated' or { replicas: 1, withinTimeout: 500 }.",
    ],
    [
      'save',
      'no time for them',
      [{ durability: { replicas: 2 } }],
      'save({ durability }).withinTimeout is undefined; it takes milliseconds from 1 to 60000, such as 500.',
    ],
    [
      'save',
      'options and a callback',
      [{ durability: 'replicated' }, callback],
      'save() takes no callback: save() answers a promise, and the others are carried out by the commit.',
    ],
    [
      'regenerate',
      'options and a callback',
      [{ subject: 'u1' }, callback],
      'regenerate() takes no callback: save() answers a promise, and the others are carried out by the commit.',
    ],
  ]

  test.each(table)('%s with %s', async (method, _, given, message) => {
    const session = await open()
    const call = async (): Promise<unknown> => (session[method as 'save'] as (...args: unknown[]) => unknown).apply(session, [...given])
    await expect(call()).rejects.toMatchObject({ code: 'ERR_OPTION', message })
    expect(session.data).toEqual({})
    await session.save()
    expect(session.outcome).toBe('new')
    expect(session.subject).toBeUndefined()
  })

  test('keys put on the session and not on its data fail loudly', async () => {
    const session = (await open()) as Session<object> & { user?: string }
    expect(() => (session.user = 'ada')).toThrow(TypeError)
  })
})
