import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isSessionError } from '../../../errors.ts'
import { nodeName, parseClusterConfig, type ClusterConfig } from './cluster-config.ts'

function textOf({ version, nodes }: ClusterConfig): string {
  return `${version}\n${nodes.map(({ host, ip, port }) => `${host}|${ip}|${port}`).join(' ')}\n`
}

const hosts = fc.oneof(fc.domain(), fc.ipV4(), fc.stringMatching(/^[a-z][a-z0-9.-]{0,40}[a-z0-9]$/))
const nodes = fc.record({ host: hosts, ip: fc.oneof(fc.constant(''), fc.ipV4(), fc.ipV6()), port: fc.integer({ min: 1, max: 65_535 }) })
const configs = fc.record({
  version: fc.nat(),
  nodes: fc.uniqueArray(nodes, { minLength: 1, maxLength: 12, selector: nodeName }),
})

describe('a cluster configuration', () => {
  test('is a version and nodes', () => {
    const text =
      '12\ncache.fnjyzo.0001.use1.cache.amazonaws.com|10.82.235.120|11211 cache.fnjyzo.0002.use1.cache.amazonaws.com|10.80.249.27|11211\n'
    expect(parseClusterConfig(text)).toEqual({
      version: 12,
      nodes: [
        { host: 'cache.fnjyzo.0001.use1.cache.amazonaws.com', ip: '10.82.235.120', port: 11_211 },
        { host: 'cache.fnjyzo.0002.use1.cache.amazonaws.com', ip: '10.80.249.27', port: 11_211 },
      ],
    })
  })

  test('gives back whatever nodes were written', () => {
    fc.assert(
      fc.property(configs, (config) => {
        expect(parseClusterConfig(textOf(config))).toEqual(config)
      }),
    )
  })

  test('may have nodes without an address yet, lines that end in CR LF, no end of its last line, and names in capitals', () => {
    const one = { version: 1, nodes: [{ host: 'one', ip: '', port: 11_211 }] }
    for (const text of ['1\none||11211\n', '1\r\none||11211\r\n', '1\none||11211', '1\n one||11211 \n\r\n', '1\nOne||11211\n'])
      expect(parseClusterConfig(text)).toEqual(one)
  })

  test.each([
    ['', 'its first line is no version'],
    ['\n1\none||11211\n', 'its first line is no version'],
    ['one||11211\n', 'its first line is no version'],
    ['-1\none||11211\n', 'its first line is no version'],
    ['1.5\none||11211\n', 'its first line is no version'],
    ['9007199254740993\none||11211\n', 'its first line is no version'],
    ['1\n', 'it names no node'],
    ['1\n \n', 'it names no node'],
    ['1\none||11211\ntwo||11211\n', 'it has more than two lines'],
    ['1\none||11211 one|10.0.0.1|11211\n', 'it names a node twice'],
    ['1\none||11211 two|11211\n', 'node 2 is not host|ip|port'],
    ['1\none||11211|0\n', 'node 1 is not host|ip|port'],
    ['1\n||11211\n', 'node 1 is not host|ip|port'],
    ['1\n|10.0.0.1|11211\n', 'node 1 is not host|ip|port'],
    ['1\none|10.0.0|11211\n', 'node 1 is not host|ip|port'],
    ['1\none||\n', 'node 1 is not host|ip|port'],
    ['1\none||0\n', 'node 1 is not host|ip|port'],
    ['1\none||65536\n', 'node 1 is not host|ip|port'],
    ['1\none||11211x\n', 'node 1 is not host|ip|port'],
    ['1\no\u00f6ne||11211\n', 'node 1 is not host|ip|port'],
    ['1\none\t||11211\n', 'node 1 is not host|ip|port'],
    [`1\n${'o'.repeat(254)}||11211\n`, 'node 1 is not host|ip|port'],
  ])('%j is none: %s', (text, what) => {
    expect(() => parseClusterConfig(text)).toThrow(
      expect.objectContaining({ code: 'ERR_UNAVAILABLE', message: `The cluster configuration cannot be read: ${what}.` }),
    )
  })

  test('with anything cut out of it is an error or another whole list, never a crash and never without nodes', () => {
    const changed = fc.tuple(configs, fc.nat(), fc.nat({ max: 20 }), fc.string({ maxLength: 3 })).map(([config, from, length, instead]) => {
      const text = textOf(config)
      const at = from % text.length
      return text.slice(0, at) + instead + text.slice(at + length)
    })
    fc.assert(
      fc.property(fc.oneof(changed, fc.string()), (text) => {
        try {
          expect(parseClusterConfig(text).nodes.length).toBeGreaterThan(0)
        } catch (error) {
          expect(isSessionError(error) && error.code).toBe('ERR_UNAVAILABLE')
        }
      }),
    )
  })

  test('names its nodes as host:port', () => {
    expect(nodeName({ host: 'one.example', port: 11_211 })).toBe('one.example:11211')
    expect(nodeName({ host: '::1', port: 11_211 })).toBe('[::1]:11211')
  })
})
