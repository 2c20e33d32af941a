import { testFaults } from './fault-tests.ts'

testFaults('F6', 'F7', 'F8', 'F9', 'F14', 'F16')
