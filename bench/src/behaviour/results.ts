import { type InstalledPeer, installedPeer } from '../../peers/import-peer.ts'
import type { Observed } from './observed.ts'
import type { Subject } from './subject.ts'

/** What one run has shown, and how. */
export interface Results {
  readonly measuredAt: string
  readonly command: string
  readonly node: string
  readonly redis: string
  readonly subjects: readonly SubjectResults[]
}

export interface SubjectResults extends Pick<Subject, 'name' | 'setup'> {
  readonly packages: readonly InstalledPeer[]
  readonly observed: Observed
}

/** @param info what Redis answers to INFO */
export function resultsOf(all: readonly (readonly [Subject, Observed])[], info: string): Results {
  return {
    measuredAt: new Date().toISOString().slice(0, 10),
    command: 'npm run behaviour -w @holdfast/bench',
    node: process.version,
    redis: /redis_version:(\S+)/.exec(info)?.[1] ?? 'unknown',
    subjects: all.map(([{ name, setup, packages }, observed]) => ({ name, setup, packages: packages.map(installedPeer), observed })),
  }
}
