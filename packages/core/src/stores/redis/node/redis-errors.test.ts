import { describe, expect, test } from 'vitest'
import { codeOf, connectionProblem, isErrorReply, isRefusal, isTrouble, replyErrorFrom, wasNeverSent } from './redis-errors.ts'

function reply(message: string): Error {
  return Object.assign(new Error(message), { name: 'ReplyError', command: { name: 'evalsha', args: ['a payload'] } })
}

describe('the code word of an error reply', () => {
  test.each([
    ['OOM', "OOM command not allowed when used memory > 'maxmemory'."],
    ['OOM', "OOM command not allowed when used memory > 'maxmemory'. script: d8f2fad9, on @user_script:1."],
    [
      'OOM',
      "ERR Error running script (call to f_d8f2): @user_script:9: @user_script: 9: -OOM command not allowed when used memory > 'maxmemory'.",
    ],
    ['NOREPLICAS', 'NOREPLICAS Not enough good replicas to write. script: d8f2fad9, on @user_script:1.'],
    [
      'NOREPLICAS',
      'ERR Error running script (call to f_d8f2): @user_script:9: @user_script: 9: -NOREPLICAS Not enough good replicas to write.',
    ],
    ['READONLY', "READONLY You can't write against a read only replica. script: d8f2fad9, on @user_script:1."],
    [
      'READONLY',
      "ERR Error running script (call to f_d8f2): @user_script:9: @user_script: 9: -READONLY You can't write against a read only replica.",
    ],
    ['CLUSTERDOWN', 'CLUSTERDOWN The cluster is down'],
    ['CLUSTERDOWN', 'CLUSTERDOWN Hash slot not served'],
    ['MOVED', 'MOVED 3999 127.0.0.1:6381'],
    ['ASK', 'ASK 3999 127.0.0.1:6381'],
    ['NOSCRIPT', 'NOSCRIPT No matching script. Please use EVAL.'],
    ['LOADING', 'LOADING'],
    ['NOPERM', "NOPERM this user has no permissions to run the 'set' command"],
    ['ERR', "ERR unknown command 'GETEX', with args beginning with: 'a payload' "],
    ['ERR', 'MyOwnError of a proxy'],
  ])('%s: %s', (code, message) => {
    expect(codeOf(reply(message))).toBe(code)
  })

  test.each([
    "ERR The user executing the script can't run this command or subcommand script: d8f2fad9, on @user_script:1.",
    "ERR The user executing the script can't access at least one of the keys mentioned in the command arguments script: d8f2fad9, on @user_script:1.",
    "ERR Error running script (call to f_d8f2): @user_script:2: @user_script: 2: The user executing the script can't run this command or subcommand",
  ])('NOPERM: %s', (message) => {
    expect(codeOf(reply(message))).toBe('NOPERM')
  })
})

test('what says something about the server, and what only a person can change', () => {
  const codes = ['BUSY', 'CLUSTERDOWN', 'LOADING', 'MASTERDOWN', 'NOREPLICAS', 'TRYAGAIN', 'OOM', 'MISCONF', 'NOPERM']
  expect(codes.filter((code) => !isTrouble(code))).toEqual([])
  expect(['ERR', 'WRONGTYPE', 'NOSCRIPT', 'MOVED', 'READONLY'].filter(isTrouble)).toEqual([])
  expect(isRefusal(reply('WRONGPASS invalid username-password pair or user is disabled.'))).toBe(true)
  expect(isRefusal(reply('LOADING Redis is loading the dataset in memory'))).toBe(false)
})

test('a refused change is told from a server that cannot be asked', () => {
  const oom = reply("OOM command not allowed when used memory > 'maxmemory'.")
  expect(replyErrorFrom('Redis at a:1', 'OOM', true, oom)).toMatchObject({ code: 'ERR_REFUSED' })
  expect(replyErrorFrom('Redis at a:1', 'OOM', false, oom)).toMatchObject({ code: 'ERR_UNAVAILABLE' })
  expect(replyErrorFrom('Redis at a:1', 'LOADING', true)).toMatchObject({
    code: 'ERR_UNAVAILABLE',
    message: expect.stringContaining('Redis at a:1 refused a command: LOADING (it is loading its data; this passes)'),
  })
  expect(replyErrorFrom('Redis at a:1', 'ERR', true, reply("ERR unknown command 'EVALSHA'")).message).toContain(
    'Redis 6.2 or later is needed',
  )
})

test('only a reply of Redis is an error reply, and only what was not sent was never sent', () => {
  expect(isErrorReply(reply('LOADING Redis is loading the dataset in memory'), 'LOADING')).toBe(true)
  expect(isErrorReply(reply('LOADING Redis is loading the dataset in memory'), 'READONLY')).toBe(false)
  expect(isErrorReply(new Error('LOADING'))).toBe(false)
  expect(wasNeverSent(new Error("Stream isn't writeable and enableOfflineQueue options is false"))).toBe(true)
  expect(wasNeverSent(new Error('Connection is closed.'))).toBe(false)
})

test('the words for a connection that is lost hold the code of the system, and nothing else of the error', () => {
  expect(connectionProblem(Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:6379'), { code: 'ECONNREFUSED' }))).toBe('ECONNREFUSED')
  expect(connectionProblem(Object.assign(new Error('hunter2'), { code: 'hunter2 was wrong' }))).toBe('the connection was lost')
  expect(connectionProblem(reply('WRONGPASS hunter2'))).toBe('WRONGPASS (user or password is wrong)')
  expect(connectionProblem(undefined)).toBe('the connection was lost')
})
