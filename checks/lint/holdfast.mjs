import { entriesOnlyReExport } from './entries-only-re-export.mjs'
import { noWeakRandomness } from './no-weak-randomness.mjs'
import { rooms } from './rooms.mjs'

/** The rules of this repository that no linter brings along, for oxlint's `jsPlugins`. */
export default {
  meta: { name: 'holdfast' },
  rules: {
    'entries-only-re-export': entriesOnlyReExport,
    'no-weak-randomness': noWeakRandomness,
    rooms,
  },
}
