import { placeOf } from './source-file.mjs'

/** An entry is a table of contents: each key of a package's `exports` is a file of `export … from` and nothing else. */
export const entriesOnlyReExport = {
  meta: { type: 'problem' },
  create(context) {
    if (!placeOf(context.filename)?.isEntry) return {}
    return {
      Program({ body }) {
        for (const node of body) {
          if (node.type.startsWith('Export') && node.source) continue
          context.report({ node, message: 'An entry only re-exports: move this into a file of its own.' })
        }
      },
    }
  },
}
