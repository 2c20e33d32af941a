import { testFaults } from './fault-tests.ts'

testFaults('F25', 'F25-redis', 'F26', 'F26-redis', 'F27', 'F28', 'F29', 'F30', 'F30-copies', 'F31', 'F31-alone', 'F33', 'F41', 'F50')
