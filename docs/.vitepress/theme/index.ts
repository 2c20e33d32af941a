import type { Theme } from 'vitepress'
import DefaultTheme from 'vitepress/theme'
import type { Component } from 'vue'
import './style.css'

const drawings = import.meta.glob<Component>('./drawings/*.vue', { eager: true, import: 'default' })

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    for (const [path, drawing] of Object.entries(drawings)) app.component(path.replace(/^.*\/(\w+)\.vue$/, '$1'), drawing)
  },
} satisfies Theme
