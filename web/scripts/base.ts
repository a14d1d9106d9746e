import type { Plugin } from 'vite'

/** While developing, Vite serves the page: as the server does, it says where the page lives, for addresses of any depth. */
export function base(): Plugin {
  return {
    name: 'base',
    apply: 'serve',
    transformIndexHtml: html => html.replace('<base href="./" />', '<base href="/ui/" />'),
  }
}
