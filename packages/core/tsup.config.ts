import { library } from '../../tsup.base.ts'

export default library('src/index.ts', 'src/memory.ts', 'src/redis.ts', 'src/node.ts', 'src/testing.ts')
