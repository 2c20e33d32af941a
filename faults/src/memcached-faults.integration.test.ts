import { testFaults } from './fault-tests.ts'

testFaults('F25', 'F26', 'F27', 'F28', 'F33', 'F41', 'F50')
