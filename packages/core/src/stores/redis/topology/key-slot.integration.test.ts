import { randomBytes, randomInt } from 'node:crypto'
import { startClusterNode } from '@holdfast/testbed'
import { Redis } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import { slotOf } from './key-slot.ts'

const odd = ['', '{', '}', '{}', '{}a', 'a{}b', '{a}', 'x{a}y', 'x{a}{b}', 'x{{a}}', 'x}{a}', 'a{b', 'a}b{c', '{ä€𝄞}', 'ä{€}𝄞']

test('a key has the slot that a node of a Cluster gives it, with and without braces', async () => {
  const server = await startClusterNode()
  onTestFinished(() => server.close())
  const node = new Redis(server.port)
  onTestFinished(() => node.disconnect())
  const keys = [...odd, ...Array.from({ length: 500 }, randomKey)]
  const slots = await Promise.all(keys.map((key) => node.cluster('KEYSLOT', key)))
  expect(keys.map(slotOf)).toEqual(slots)
})

/** As a store's keys are, or any text with some braces. */
function randomKey(): string {
  const key = `holdfast:${randomBytes(32).toString('base64url')}`
  return randomInt(2) === 0 ? key : key.replaceAll(/[a-zB-E]/g, () => '{}€x'.charAt(randomInt(4)))
}
