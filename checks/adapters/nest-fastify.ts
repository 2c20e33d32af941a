import { FastifyAdapter } from '@nestjs/platform-fastify'
import { nestServe } from './nest.ts'

export const nestFastify = nestServe(() => new FastifyAdapter())
