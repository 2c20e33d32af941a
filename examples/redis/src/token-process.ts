import { elastiCacheToken, type ElastiCacheUser } from './elasticache-token.ts'

// Gives a token for each user that it is sent.

process.on('message', (user: ElastiCacheUser) => {
  elastiCacheToken(user)().then(
    (token) => process.send?.(token),
    (error: unknown) => {
      throw error
    },
  )
})
