/** Injects the pages: `@Inject(PAGES) pages`. */
export const PAGES = Symbol('pages')
