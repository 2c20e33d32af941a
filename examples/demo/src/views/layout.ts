import { html } from 'hono/html'

/** Markup in which everything inserted has been escaped. */
export type Html = ReturnType<typeof html>

export interface LayoutOptions {
  readonly title: string
  /** At the end of the top bar. */
  readonly corner?: Html | undefined
  readonly main: Html
  readonly footer?: Html | undefined
}

/** A whole page. The script puts the next page's header, main and footer in the place of this one's; what it has to tell stays between them. */
export function layout({ title, corner, main, footer }: LayoutOptions): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="icon" href="/public/mark.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/public/style.css" />
        <script type="module" src="/public/demo.js"></script>
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header class="bar">
          <a id="brand" class="brand" href="/"><img src="/public/mark.svg" alt="" width="32" height="32" />Holdfast <span>demo</span></a>
          ${corner}
        </header>
        <div id="news" role="status"></div>
        <main id="main" tabindex="-1">${main}</main>
        <footer>${footer}</footer>
      </body>
    </html>`
  // oxlint-disable-next-line typescript/no-unnecessary-type-conversion -- it is a String, an object, which Koa and Express would answer as JSON
  return String(page as string)
}
