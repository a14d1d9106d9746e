import type { Plugin } from 'vite'

/** In development Vite serves the page; like the server, it sets <base>, for addresses of any depth. */
export function base(): Plugin {
  return {
    name: 'base',
    apply: 'serve',
    transformIndexHtml: html => html.replace('<base href="./" />', '<base href="/ui/" />'),
  }
}
