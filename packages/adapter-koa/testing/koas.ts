import Koa from 'koa'
import Koa2 from 'koa-2'

/** The versions of Koa that every promise is kept on. */
export const koas = [
  { version: '2.16', Koa: Koa2 },
  { version: '3.3', Koa },
] as const

export type KoaVersion = (typeof koas)[number]
