import { library } from '../../tsup.base.ts'

export default library(
  'src/index.ts',
  'src/memory.ts',
  'src/redis.ts',
  'src/memcached.ts',
  'src/resilience.ts',
  'src/planning.ts',
  'src/node.ts',
  'src/testing.ts',
)
