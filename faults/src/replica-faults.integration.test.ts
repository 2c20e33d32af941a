import { testFaults } from './fault-tests.ts'

testFaults('F10', 'F12', 'F13', 'F15', 'F17', 'F19', 'F20')
