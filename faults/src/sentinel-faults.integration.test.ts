import { testFaults } from './fault-tests.ts'

testFaults('F1', 'F2', 'F3', 'F21', 'F22', 'F23')
