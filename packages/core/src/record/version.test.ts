import { describe, expect, test } from 'vitest'
import { areForked, counterOf, endedVersion, endingOf, isEndedVersion, nextVersion, stampOf } from './version.ts'

describe('versions', () => {
  test('sort in the order of writing, past every power of ten', () => {
    const versions: string[] = []
    for (let previous: string | null = null; versions.length < 1200; previous = versions.at(-1) as string)
      versions.push(nextVersion(previous))
    expect(versions.toSorted()).toEqual(versions)
    expect(versions.map(counterOf)).toEqual(versions.map((_, i) => i + 1))
    expect(counterOf(null)).toBe(0)
  })

  test('two writes after the same one differ by their stamps', () => {
    const one = nextVersion(null)
    const stamps = new Set(Array.from({ length: 10_000 }, () => stampOf(nextVersion(one))))
    expect(stamps.size).toBe(10_000)
    for (const stamp of stamps) expect(stamp).toMatch(/^[\w-]{8}$/)
  })

  test('S9: that of an ended record is above every live one', () => {
    const ended = endedVersion(null, { endedAt: 0, successor: undefined })
    expect(ended > '9999999999.________').toBe(true)
    expect([isEndedVersion(ended), isEndedVersion(nextVersion(null))]).toEqual([true, false])
  })

  test('that of an ended record tells when it ended, and by which session it was replaced', () => {
    const endedAt = Date.UTC(2030, 0, 1)
    const live = nextVersion(nextVersion(null))
    expect(endingOf(endedVersion(live, { endedAt, successor: undefined }))).toEqual({ endedAt, successor: undefined })
    for (const signIn of [true, false]) {
      const successor = { id: 'the-other_id', signIn }
      expect(endingOf(endedVersion(live, { endedAt, successor }))).toEqual({ endedAt, successor })
    }
    expect(counterOf(endedVersion(live, { endedAt, successor: undefined }))).toBe(3)
  })

  test.each([
    ['0000000007.aaaaaaaa', '0000000007.aaaaaaaa', false],
    ['0000000007.aaaaaaaa', '0000000007.bbbbbbbb', true],
    ['0000000007.aaaaaaaa', '0000000008.bbbbbbbb', false],
    ['e0000000008.aaaaaaaa.0', '0000000007.bbbbbbbb', false],
    ['e0000000008.aaaaaaaa.0', '0000000008.bbbbbbbb', true],
    ['e0000000008.aaaaaaaa.0', '0000000009.bbbbbbbb', true],
  ])('%s and %s cannot be of one history: %s', (one, other, expected) => {
    expect([areForked(one, other), areForked(other, one)]).toEqual([expected, expected])
  })
})
