import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isSessionError } from '../../../errors.ts'
import { configQuestions, readConfigReply, type ConfigQuestion } from './config-reply.ts'

const [command, key] = configQuestions as [ConfigQuestion, ConfigQuestion]
const text = '3\none.example|10.0.0.1|11211 two.example||11211\n'
const replyWith = (body: string, { header }: ConfigQuestion = command) =>
  Buffer.from(`${header} 0 ${Buffer.byteLength(body, 'latin1')}\r\n${body}\r\nEND\r\n`, 'latin1')

describe('the reply to a question for the configuration', () => {
  test('is the text that a node of either engine has', () => {
    expect(readConfigReply(replyWith(text, command), command)).toBe(text)
    expect(readConfigReply(replyWith(text, key), key)).toBe(text)
  })

  test('is as long as it says, whatever is in it', () => {
    for (const body of ['', 'END\r\n', '\r\nEND\r\n', '\r\n', 'ERROR\r\n']) expect(readConfigReply(replyWith(body), command)).toBe(body)
  })

  test('is null where there is none', () => {
    for (const none of ['END\r\n', 'ERROR\r\n', 'CLIENT_ERROR bad command line format\r\n'])
      for (const question of configQuestions) expect(readConfigReply(Buffer.from(none), question)).toBeNull()
  })

  test('is undefined until all of it has come', () => {
    for (const whole of [replyWith(text), Buffer.from('END\r\n'), Buffer.from('ERROR\r\n')])
      for (let length = 0; length < whole.length; length += 1) expect(readConfigReply(whole.subarray(0, length), command)).toBeUndefined()
  })

  test.each([
    ['HTTP/1.1 400 Bad Request\r\n', 'the reply is none of memcached'],
    ['VALUE other 0 1\r\n', 'the reply is none of memcached'],
    ['CONFIG cluster 0\r\n', 'the reply is none of memcached'],
    ['CONFIG cluster 0 -1\r\n', 'the reply is none of memcached'],
    ['CONFIG cluster 0 1e9\r\n', 'the reply is none of memcached'],
    ['CONFIG clusters 0 1\r\n', 'the reply is none of memcached'],
    ['\u0081'.repeat(512), 'the reply is none of memcached'],
    ['SERVER_ERROR out of memory\r\n', 'the server has an error'],
    [`CONFIG cluster 0 ${128 * 1024 + 1}\r\n`, 'it has more than 131072 bytes'],
    ['CONFIG cluster 0 1\r\nab\r\nEND\r\n', 'it has another length than it says'],
    ['CONFIG cluster 0 1\r\na\r\nEND\r\nEND\r\n', 'it has another length than it says'],
  ])('%j is none: %s', (reply, what) => {
    expect(() => readConfigReply(Buffer.from(reply, 'latin1'), command)).toThrow(
      expect.objectContaining({ code: 'ERR_UNAVAILABLE', message: `The cluster configuration cannot be read: ${what}.` }),
    )
  })

  test('any bytes are a reply, part of one, or an error of ours', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 600 }),
      fc.string().map((body) => replyWith(body).subarray(0, -1)),
    )
    fc.assert(
      fc.property(bytes, (received) => {
        try {
          expect([null, undefined]).toContain(readConfigReply(Buffer.from(received), command))
        } catch (error) {
          expect(isSessionError(error) && error.code).toBe('ERR_UNAVAILABLE')
        }
      }),
    )
  })
})
