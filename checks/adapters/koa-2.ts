import Koa from 'koa-2'
import { koaServe } from './koa.ts'

export const koa2 = koaServe(Koa)
