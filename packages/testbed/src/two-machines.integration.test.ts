import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { startRedis } from './redis.ts'
import { startSentinels } from './sentinels.ts'
import { startTwoMachines, whyNotTwoMachines } from './two-machines.ts'

const run = promisify(execFile)
const obstacle = await whyNotTwoMachines()

// Where they cannot be made, there is nothing to look at but that it says so.
test('a replica on the other machine misses what is written while they are parted, and has it once they are joined', async () => {
  if (obstacle !== undefined) return expect(obstacle).toMatch(/^needs /)
  const { one, other, part, heal, close } = await startTwoMachines()
  onTestFinished(close)
  const primary = await startRedis({ machine: one, args: ['--repl-diskless-sync-delay', '0', '--repl-timeout', '2'] })
  onTestFinished(() => primary.close())
  const replica = await startRedis({ machine: other, replicaOf: primary, args: ['--repl-timeout', '2'] })
  onTestFinished(() => replica.close())
  expect(primary.url).toBe(`redis://10.213.77.1:${primary.port}`)
  const onReplica = () => replica.command('GET', 'key')
  await primary.command('SET', 'key', 'before')
  await expect.poll(onReplica, { timeout: 15_000 }).toBe('before')

  await part()
  await primary.command('SET', 'key', 'apart')
  const link = async () => ((await replica.command('ROLE')) as string[])[3]
  await expect.poll(link, { timeout: 15_000 }).not.toBe('connected')
  expect(await onReplica()).toBe('before')

  await heal()
  await expect.poll(onReplica, { timeout: 15_000 }).toBe('apart')
})

test('the Sentinels of one machine replace a primary that is on the other', { timeout: 60_000 }, async () => {
  if (obstacle !== undefined) return expect(obstacle).toMatch(/^needs /)
  const machines = await startTwoMachines()
  onTestFinished(() => machines.close())
  const group = await startSentinels({ machines })
  onTestFinished(() => group.close())
  const first = await group.primary()
  expect(first.host).toBe(machines.one.address)
  await machines.part()
  const second = await group.failedOver(first)
  expect(second.host).toBe(machines.other.address)
  // Nobody has told the first.
  expect(await first.command('SET', 'key', 'lost')).toBe('OK')
})

test('closed, nothing is left: no namespace, no interface, no process', async () => {
  if (obstacle !== undefined) return expect(obstacle).toMatch(/^needs /)
  const before = readdirSync('/sys/class/net')
  const { one, close } = await startTwoMachines()
  expect(readdirSync('/sys/class/net')).toEqual(before)
  const [command, args] = one.enter('ip', ['-brief', 'link'])
  expect((await run(command, [...args])).stdout).toContain('wire')
  const [, [, pid]] = one.enter('true', []) as [string, [string, string]]
  await close()
  await close()
  expect(existsSync(`/proc/${pid}`)).toBe(false)
  expect(readdirSync('/sys/class/net')).toEqual(before)
})
