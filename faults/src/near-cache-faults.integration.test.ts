import { testFaults } from './fault-tests.ts'

testFaults('F19-near', 'F46-none', 'F46', 'F46-refused', 'F46-silent')
