import { defineConfig } from 'vitepress'
import { decisions } from './decisions.ts'
import { reference } from './reference.ts'

const repository = 'https://github.com/holdfast-js/holdfast'
const base = '/holdfast/'

export default defineConfig({
  base,
  lang: 'en',
  title: 'Holdfast',
  description: 'Sessions that hold fast: an open-source session SDK for TypeScript servers.',
  // Errors link to errors.html#err_x.
  cleanUrls: false,
  // The Start pages say where the reader's own server listens.
  ignoreDeadLinks: 'localhostLinks',
  rewrites: { 'decisions/README.md': 'decisions/index.md' },
  sitemap: { hostname: `https://holdfast-js.github.io${base}` },
  head: [
    ['link', { rel: 'icon', type: 'image/svg+xml', href: `${base}mark.svg` }],
    ['meta', { name: 'theme-color', content: '#0d5c4d' }],
  ],
  // The largest one is the index of the search, which is fetched when somebody searches.
  vite: { build: { chunkSizeWarningLimit: 1_000 } },
  markdown: { theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' } },
  themeConfig: {
    logo: { src: '/mark.svg', alt: '' },
    nav: [
      { text: 'Start', link: '/start/', activeMatch: '/start/' },
      { text: 'Concepts', link: '/concepts', activeMatch: '/(concepts|concurrency)' },
      { text: 'Errors', link: '/errors' },
      {
        text: 'Production',
        link: '/redis-in-production',
        activeMatch: '/(where-sessions-live|redis-in-production|memcached-in-production|sticky-sessions|faults)',
      },
      { text: 'Compare', link: '/compare' },
      { text: 'Reference', link: '/reference/', activeMatch: '/reference/' },
    ],
    sidebar: [
      {
        text: 'Start',
        link: '/start/',
        items: [
          { text: 'Hono', link: '/start/hono' },
          { text: 'Koa', link: '/start/koa' },
          { text: 'Nest', link: '/start/nest' },
          { text: 'Express', link: '/start/express' },
          { text: 'Bare Node', link: '/start/node' },
        ],
      },
      {
        text: 'How it works',
        items: [
          { text: 'Concepts', link: '/concepts' },
          { text: 'Concurrency', link: '/concurrency' },
          { text: 'Errors', link: '/errors' },
          { text: 'Compare', link: '/compare' },
        ],
      },
      {
        text: 'In production',
        items: [
          { text: 'Where sessions live', link: '/where-sessions-live' },
          { text: 'Redis in production', link: '/redis-in-production' },
          { text: 'Memcached in production', link: '/memcached-in-production' },
          { text: 'Sticky sessions', link: '/sticky-sessions' },
          { text: 'Faults', link: '/faults' },
        ],
      },
      {
        text: 'Build with it',
        items: [
          { text: 'Testing', link: '/testing' },
          { text: 'Write a handler', link: '/write-a-handler' },
          { text: 'Write an adapter', link: '/write-an-adapter' },
        ],
      },
      { text: 'Reference', link: '/reference/', collapsed: true, items: reference() },
      { text: 'Decisions', link: '/decisions/', collapsed: true, items: decisions() },
      { text: 'Security checks', link: '/security-checks' },
    ],
    outline: { level: [2, 3] },
    search: { provider: 'local' },
    socialLinks: [{ icon: 'github', link: repository, ariaLabel: 'Holdfast on GitHub' }],
  },
})
