import { dirname, resolve } from 'node:path'
import { manifestOf, placeOf } from './source-file.mjs'

/** The rooms of `packages/core/src`, and which others each may import from. */
const below = {
  ground: [],
  record: ['ground'],
  waiting: ['record', 'ground'],
  cookie: ['record', 'ground'],
  resilience: ['waiting', 'record', 'ground'],
  stores: ['resilience', 'waiting', 'record', 'ground'],
  planning: ['resilience', 'record', 'ground'],
  session: ['cookie', 'waiting', 'record', 'ground'],
  http: ['session', 'cookie', 'record', 'ground'],
  testing: ['http', 'session', 'planning', 'stores', 'resilience', 'waiting', 'cookie', 'record', 'ground'],
  entries: ['http', 'session', 'planning', 'stores', 'resilience', 'waiting', 'cookie', 'record', 'ground'],
}

/** The one folder that may import an optional peer. */
const clients = { ioredis: 'stores/redis/', memjs: 'stores/memcached/' }

/** Who may import what: a room only from the rooms below it, an adapter only core's public entries and its framework. */
export const rooms = {
  meta: { type: 'problem' },
  create(context) {
    const place = placeOf(context.filename)
    if (place === undefined) return {}
    const check = (node) => {
      const specifier = node.source?.value
      if (typeof specifier !== 'string') return
      const message = specifier.startsWith('.')
        ? wrongFile(place, resolve(dirname(context.filename), specifier))
        : wrongPackage(place, specifier)
      if (message !== undefined) context.report({ node: node.source, message })
    }
    return { ImportDeclaration: check, ImportExpression: check, ExportNamedDeclaration: check, ExportAllDeclaration: check }
  },
}

function wrongFile(from, path) {
  if (!path.startsWith(`${from.packages}/${from.package}/`)) return 'A package imports from another by its name, never by a path.'
  const to = placeOf(path)
  if (from.isTest || from.package !== 'core') return undefined
  if (to === undefined) return 'What is published imports only from src.'
  const [fromRoom, toRoom] = [roomOf(from), roomOf(to)]
  if (fromRoom === undefined || toRoom === undefined) return 'This folder is no room: rooms.mjs lists them.'
  if (fromRoom === 'stores' && toRoom === 'stores' && storeOf(from) !== storeOf(to)) return 'A store never imports another store.'
  if (fromRoom === toRoom && fromRoom !== 'ground' && fromRoom !== 'entries') return undefined
  if (from.file === 'testing.ts' && toRoom === 'testing') return undefined
  if (below[fromRoom].includes(toRoom)) return undefined
  return `${fromRoom} does not import ${toRoom}, only: ${below[fromRoom].join(', ') || 'nothing'}.`
}

function wrongPackage(from, specifier) {
  if (from.isTest || specifier.startsWith('node:')) return undefined
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
  const manifest = manifestOf(from.packages, from.package)
  if (from.package === 'core') {
    return clients[name] !== undefined && from.file.startsWith(clients[name])
      ? undefined
      : `Core does not import ${name}: it knows no framework, and clients only in their store.`
  }
  if (manifest.private) return undefined
  if (name === '@holdfast/core') {
    const { exports } = manifestOf(from.packages, 'core')
    const key = specifier.replace(name, '.')
    if (key === './testing') return 'Only tests import @holdfast/core/testing.'
    return key in exports ? undefined : `${specifier} is no public entry of @holdfast/core.`
  }
  if (name.startsWith('@holdfast/')) return 'An adapter never imports another package of ours than @holdfast/core.'
  return name in (manifest.peerDependencies ?? {}) ? undefined : `${name} is no peer dependency of ${manifest.name}.`
}

function roomOf({ file, isEntry }) {
  if (isEntry) return 'entries'
  if (!file.includes('/')) return 'ground'
  const [room] = file.split('/')
  return room in below ? room : undefined
}

function storeOf({ file }) {
  return file.split('/')[1]
}
