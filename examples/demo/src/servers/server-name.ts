export const serverNames = ['Hono', 'Koa', 'Nest'] as const

export type ServerName = (typeof serverNames)[number]
