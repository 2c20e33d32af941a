import { expect, test } from 'vitest'
import { isLoading, replicationFrom } from './replication.ts'

const history = '7ae1bce7cabcce6e78c9906530952920ce75e9b1'
const nextHistory = '5e69723fedd1236a1b355a3a8f62f6f34e1e5582'
const none = '0'.repeat(40)

function lines(text: string): string {
  return `# Replication\r\n${text.trim().replaceAll(/\s*\n\s*/g, '\r\n')}\r\n`
}

test('a primary says how far each replica that has its copy is behind', () => {
  const info = lines(`role:master
    connected_slaves:3
    slave0:ip=127.0.0.1,port=26071,state=online,offset=14,lag=0
    slave1:ip=127.0.0.1,port=29437,state=online,offset=14,lag=3
    slave2:ip=127.0.0.1,port=29438,state=wait_bgsave,offset=0,lag=0
    master_failover_state:no-failover
    master_replid:${history}
    master_replid2:${none}`)
  expect(replicationFrom(info, 5_000)).toEqual({
    role: 'primary',
    isLinked: false,
    heardAt: -Infinity,
    offset: 0,
    replicaAges: [0, 3_000],
    history,
    formerHistory: none,
    askedAt: 5_000,
  })
})

test('a replica that has confirmed nothing yet is none that keeps up, where there was something to confirm', () => {
  const info = (written: number): string =>
    lines(`role:master
    slave0:ip=127.0.0.1,port=26071,state=online,offset=0,lag=0
    master_repl_offset:${written}`)
  expect(replicationFrom(info(14), 0).replicaAges).toEqual([])
  expect(replicationFrom(info(0), 0).replicaAges).toEqual([0])
})

test('a replica says when it last heard from its primary', () => {
  const info = lines(`role:slave
    master_host:127.0.0.1
    master_link_status:up
    master_last_io_seconds_ago:2
    slave_read_repl_offset:280
    slave_repl_offset:266
    connected_slaves:0
    master_replid:${history}
    master_replid2:${none}`)
  const found = { role: 'replica', isLinked: true, heardAt: 3_000, offset: 266, replicaAges: [], history }
  expect(replicationFrom(info, 5_000)).toMatchObject(found)
})

test('a replica without its link has never heard anything', () => {
  const info = lines(`role:slave
    master_link_status:down
    master_last_io_seconds_ago:-1
    master_link_down_since_seconds:1
    master_replid:${history}
    master_replid2:${none}`)
  expect(replicationFrom(info, 5_000)).toMatchObject({ role: 'replica', isLinked: false, heardAt: -Infinity })
})

test('a replica that was promoted names the history that it went on from', () => {
  const info = lines(`role:master
    connected_slaves:0
    master_replid:${nextHistory}
    master_replid2:${history}
    second_repl_offset:1`)
  expect(replicationFrom(info, 0)).toMatchObject({ role: 'primary', history: nextHistory, formerHistory: history })
})

test('whether the data is still being loaded', () => {
  expect(isLoading('# Persistence\r\nloading:1\r\nasync_loading:0\r\n')).toBe(true)
  expect(isLoading('# Persistence\r\nloading:0\r\nasync_loading:1\r\n')).toBe(false)
})
