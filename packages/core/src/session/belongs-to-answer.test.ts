import { expect, test } from 'vitest'
import { belongsToAnswer } from './belongs-to-answer.ts'

test.each([
  'Content-Type',
  'content-length',
  'content-encoding',
  'ETag',
  'cache-control',
  'location',
  'refresh',
  'hx-redirect',
  'Set-Cookie',
  'clear-site-data',
])('%s goes with the answer', (name) => {
  expect(belongsToAnswer(name)).toBe(true)
})

test.each([
  'Content-Security-Policy',
  'content-security-policy-report-only',
  'access-control-allow-origin',
  'strict-transport-security',
  'vary',
  'x-request-id',
  'etag-of-mine',
])('%s speaks for the server, and stays', (name) => {
  expect(belongsToAnswer(name)).toBe(false)
})
