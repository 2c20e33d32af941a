import { expect, test } from 'vitest'
import { endedVersion, nextVersion } from '../../../record/version.ts'
import { anyKey } from '../../../testing/any-record.ts'
import { channelOf, readAnnouncement } from './announcement.ts'

test('a channel begins with the prefix of the keys', () => {
  expect(channelOf('holdfast:')).toBe('holdfast:changes')
  expect(channelOf('')).toBe('changes')
})

test('key and version are read as they were written, of live sessions and of ended ones', () => {
  const key = anyKey()
  const successor = { id: anyKey(), signIn: true }
  for (const version of [nextVersion(null), endedVersion(null, { endedAt: 1_796_000_000_000, successor })])
    expect(readAnnouncement(`${key} ${version}`)).toEqual({ key, version })
})

test.each([
  ['nothing', ''],
  ['no version', `${anyKey()} `],
  ['no space', `${anyKey()}0000000001.k3Jd81Za`],
  ['a key that is too short', `${anyKey().slice(1)} 0000000001.k3Jd81Za`],
  ['a key with another character', `${anyKey().slice(1)}: 0000000001.k3Jd81Za`],
  ['more after it', `${anyKey()} 0000000001.k3Jd81Za more`],
  ['a line after it', `${anyKey()} 0000000001.k3Jd81Za\n`],
  ['a version that is too long', `${anyKey()} ${'0'.repeat(201)}`],
])('%s is no announcement', (_, message) => {
  expect(readAnnouncement(message)).toBeUndefined()
})
