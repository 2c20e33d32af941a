import 'reflect-metadata'
import { CurrentSession, SessionModule } from '@holdfast/adapter-nest'
import { Controller, Get, Module, Req, Res } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { contents, fill, view } from './contents.mjs'
import { floor } from './floor.mjs'
import { holdfast } from './holdfast.mjs'

const fixed = contents()

/** Nest on Express. */
export async function serve(variant, redisUrl) {
  const imports = []
  let controller = bareController()
  if (variant === 'floor') controller = floorController(floor(redisUrl))
  else if (variant !== 'bare') {
    imports.push(SessionModule.forRoot({ sessions: holdfast(variant, redisUrl) }))
    controller = holdfastController()
  }
  class BenchModule {}
  Module({ imports, controllers: [controller] })(BenchModule)
  const app = await NestFactory.create(BenchModule, { logger: ['error'] })
  await app.listen(0, '127.0.0.1')
  return app.getHttpServer()
}

function bareController() {
  class BareController {
    none() {
      return view(fixed)
    }
  }
  return routed(BareController, { none: [] }, ['none', 'read', 'change'])
}

function floorController({ read, change, fill: create }) {
  class FloorController {
    none() {
      return view(fixed)
    }

    async read(req) {
      return view(await read(req.headers.cookie))
    }

    async change(req) {
      return view(await change(req.headers.cookie))
    }

    async fill(res) {
      res.append('Set-Cookie', await create())
      return view(fixed)
    }
  }
  return routed(FloorController, { none: [], read: [Req()], change: [Req()], fill: [Res({ passthrough: true })] })
}

function holdfastController() {
  class HoldfastController {
    none() {
      return view(fixed)
    }

    read(session) {
      return view(session.data)
    }

    change(session) {
      session.data.visits += 1
      return view(session.data)
    }

    fill(session) {
      return view(fill(session.data))
    }
  }
  return routed(HoldfastController, { none: [], read: [CurrentSession()], change: [CurrentSession()], fill: [CurrentSession()] })
}

/** What the decorators of TypeScript do: each method is the route of its name, and takes what stands beside it. */
function routed(Class, methods, noneAt = ['none']) {
  for (const [name, parameters] of Object.entries(methods)) {
    const descriptor = Object.getOwnPropertyDescriptor(Class.prototype, name)
    Get(name === 'none' ? noneAt : name)(Class.prototype, name, descriptor)
    parameters.forEach((decorate, index) => decorate(Class.prototype, name, index))
  }
  Controller()(Class)
  return Class
}
