import { testFaults } from './fault-tests.ts'

testFaults('F29', 'F30', 'F30-copies', 'F31', 'F31-alone')
