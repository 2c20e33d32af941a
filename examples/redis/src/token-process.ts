import { store } from './elasticache-store.ts'
import { elastiCacheToken, type ElastiCacheUser } from './elasticache-token.ts'

// Gives a token for each user that it is sent, once it has made the store of the page.

process.send?.(store.answersFromCopies)
process.on('message', (user: ElastiCacheUser) => {
  elastiCacheToken(user)().then(
    (token) => process.send?.(token),
    (error: unknown) => {
      throw error
    },
  )
})
