import { ExpressAdapter } from '@nestjs/platform-express'
import { nestServe } from './nest.ts'

export const nestExpress = nestServe(() => new ExpressAdapter())
