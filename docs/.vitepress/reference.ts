import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DefaultTheme } from 'vitepress'

const file = join(import.meta.dirname, '../reference/typedoc-sidebar.json')

/** The links that TypeDoc made, entry by entry. */
export function reference(): DefaultTheme.SidebarItem[] {
  return JSON.parse(readFileSync(file, 'utf8')) as DefaultTheme.SidebarItem[]
}
