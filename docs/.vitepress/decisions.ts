import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DefaultTheme } from 'vitepress'

const folder = join(import.meta.dirname, '../decisions')

/** A link for each numbered page, with its heading. */
export function decisions(): DefaultTheme.SidebarItem[] {
  const pages = readdirSync(folder).filter((name) => /^\d{4}-.*\.md$/.test(name))
  return pages.toSorted().map((name) => {
    const [, heading] = /^# (.*)$/m.exec(readFileSync(join(folder, name), 'utf8')) ?? []
    return { text: heading ?? name, link: `/decisions/${name.replace(/\.md$/, '')}` }
  })
}
