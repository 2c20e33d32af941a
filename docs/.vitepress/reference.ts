import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DefaultTheme } from 'vitepress'

const file = join(import.meta.dirname, '../reference/typedoc-sidebar.json')

/** The links that TypeDoc made, entry by entry. */
export function reference(): DefaultTheme.SidebarItem[] {
  const entries = JSON.parse(readFileSync(file, 'utf8')) as Required<DefaultTheme.SidebarItem>[]
  // An entry folds, its kinds do not: VitePress draws what folds and has no page as a button inside a button.
  for (const kind of entries.flatMap(({ items }) => items)) delete kind.collapsed
  return entries
}
