import { testFaults } from './fault-tests.ts'

testFaults('F5', 'F5-min-replicas', 'F5-durable')
