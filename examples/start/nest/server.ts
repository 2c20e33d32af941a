import 'reflect-metadata'
import { CurrentSession, SessionModule } from '@holdfast/adapter-nest'
import { createSessions, minutes } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import { Body, Controller, Get, Module, Post, Redirect } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'

interface Data {
  visits: number
  name?: string
}

const sessions = createSessions<Data>({
  store: memoryStore(),
  secrets: [process.env.SESSION_SECRET],
  idleTimeout: minutes(30),
  initial: () => ({ visits: 0 }),
})

@Controller()
class ShopController {
  @Get()
  home(@CurrentSession(sessions) session: CurrentSession<Data>): string {
    session.update((data) => void (data.visits += 1))
    return page(session.data)
  }

  @Post('sign-in')
  @Redirect('/', 303)
  signIn(@CurrentSession(sessions) session: CurrentSession<Data>, @Body('name') name: unknown): void {
    session.data.name = String(name) // Check a password here.
    session.regenerate({ subject: session.data.name })
  }

  @Post('sign-out')
  @Redirect('/', 303)
  signOut(@CurrentSession(sessions) session: CurrentSession<Data>): void {
    session.destroy()
  }
}

@Module({ imports: [SessionModule.forRoot({ sessions })], controllers: [ShopController] })
class AppModule {}

async function start(): Promise<void> {
  const app = await NestFactory.create(AppModule)
  const port = Number(process.env.PORT ?? 3000)
  await app.listen(port)
  console.log(`http://localhost:${port}`)
}

void start()

function page({ visits, name }: Data): string {
  const form =
    name === undefined
      ? '<form method="post" action="/sign-in"><input name="name" placeholder="Your name" required> <button>Sign in</button></form>'
      : `<form method="post" action="/sign-out">Hello, ${escape(name)}. <button>Sign out</button></form>`
  return `<!doctype html><html lang="en"><title>My shop</title><p>Visits: ${visits}</p>${form}</html>`
}

function escape(value: string): string {
  return value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
