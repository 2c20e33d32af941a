import { testFaults } from './fault-tests.ts'

testFaults('F25-redis', 'F26-redis')
