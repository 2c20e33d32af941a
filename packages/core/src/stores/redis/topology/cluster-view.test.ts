import { describe, expect, test } from 'vitest'
import { shardsFrom } from './cluster-view.ts'

const one = 'ee0de9b935c3ab05dc7247ef128119d34455b06d'
const two = 'fd6b1de85e3750cf0ff24215cc190751cc534acc'
const copyOfOne = 'd488c500fb9ae6daccf1dec63ca216bebc737044'
const copyOfTwo = '493ef6aed7424e8b5adfccea7f6d1842c56740fe'

const nodes = `${two} 127.0.0.1:25911@30602 master - 0 1795645442129 12 connected 5461-10922
${copyOfTwo} 127.0.0.1:28417@22166,copy.example slave ${two} 0 1795645442129 12 connected
${one} 127.0.0.1:28668@25946 myself,master - 0 1795645441000 1 connected 0-5460 [93->-${two}]
${copyOfOne} 127.0.0.1:18959@28897 slave ${one} 0 1795645441927 1 connected
`

test('who has which slots, since which epoch, and who has copies', () => {
  const view = shardsFrom(
    [
      [0, 5460, ['127.0.0.1', 28_668, one, []], ['127.0.0.1', 18_959, copyOfOne, []]],
      [5461, 10_922, ['127.0.0.1', 25_911, two, []], ['127.0.0.1', 28_417, copyOfTwo, []]],
    ],
    nodes,
    '127.0.0.1',
  )
  expect(view).toEqual([
    { primary: place(28_668), replicas: [place(18_959)], epoch: 1, slots: [[0, 5460]] },
    { primary: place(25_911), replicas: [place(28_417)], epoch: 12, slots: [[5461, 10_922]] },
  ])
})

test('a shard in several pieces is one shard', () => {
  const member = (): [string, number, string] => ['127.0.0.1', 28_668, one]
  const other: [string, number, string] = ['127.0.0.1', 25_911, two]
  const view = shardsFrom(
    [
      [0, 92, member()],
      [93, 93, other],
      [94, 5460, member()],
    ],
    nodes,
    '127.0.0.1',
  )
  expect(view.map(({ slots, epoch }) => [slots, epoch])).toEqual([
    [
      [
        [0, 92],
        [94, 5460],
      ],
      1,
    ],
    [[[93, 93]], 12],
  ])
})

describe('a host that is not said', () => {
  test.each([
    ['null, as of unknown endpoints,', null],
    ['empty, as of a node that has met no other,', ''],
  ])('%s is the one that was asked', (_, host) => {
    const view = shardsFrom([[0, 5460, [host, 28_668, one, ['ip', '127.0.0.1']], [host, 18_959, copyOfOne, []]]], nodes, 'cluster.example')
    expect(view[0]).toMatchObject({
      primary: { host: 'cluster.example', port: 28_668 },
      replicas: [{ host: 'cluster.example', port: 18_959 }],
    })
  })

  test("'?', where a hostname is wanted and there is none, is nobody", () => {
    const replicaWithout = shardsFrom([[0, 5460, ['one.example', 28_668, one], ['?', 18_959, copyOfOne]]], nodes, '127.0.0.1')
    expect(replicaWithout).toEqual([{ primary: { host: 'one.example', port: 28_668 }, replicas: [], epoch: 1, slots: [[0, 5460]] }])
    expect(shardsFrom([[0, 5460, ['?', 28_668, one], ['?', 18_959, copyOfOne]]], nodes, '127.0.0.1')).toEqual([])
  })

  test("a replica does not take the place of a primary that is '?'", () => {
    const view = shardsFrom([[0, 5460, ['?', 28_668, one], ['copy.example', 18_959, copyOfOne]]], nodes, '127.0.0.1')
    expect(view.map(({ primary }) => primary.host)).not.toContain('copy.example')
  })
})

test('a node whose epoch is not said counts least', () => {
  expect(shardsFrom([[0, 5460, ['127.0.0.1', 28_668, one]]], '', '127.0.0.1')[0]?.epoch).toBe(0)
})

function place(port: number): { host: string; port: number } {
  return { host: '127.0.0.1', port }
}
