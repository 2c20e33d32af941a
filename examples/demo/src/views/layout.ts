import { html } from 'hono/html'

/** Markup in which everything inserted has been escaped. */
export type Html = ReturnType<typeof html>

export interface LayoutOptions {
  readonly title: string
  readonly place: string
  /** At the end of the top bar. */
  readonly corner?: Html | undefined
  readonly main: Html
}

export function layout({ title, place, corner, main }: LayoutOptions): Html {
  return html`<!doctype html>
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
          <a class="brand" href="/"><img src="/public/mark.svg" alt="" width="32" height="32" />Holdfast <span>demo</span></a>
          ${corner}
        </header>
        <main id="main" tabindex="-1">${main}</main>
        <footer>Sessions live in <strong>${place}</strong>.</footer>
      </body>
    </html>`
}
