import { gzipSync } from 'node:zlib'
import type { Plugin, Rollup } from 'vite'

const limit = 300 // KiB

/**
 * Fails the build if the first load is too large: the entry, the overview, which opens at /ui/, and what these import,
 * compressed by gzip.
 */
export function budget(): Plugin {
  return {
    name: 'budget',
    apply: 'build',
    writeBundle(_options, bundle) {
      const sizes = [...firstLoad(bundle)].map(name => {
        const file = bundle[name]!
        const text = file.type === 'chunk' ? file.code : file.source
        return { name, size: gzipSync(text, { level: 9 }).length / 1024 }
      })
      const total = sizes.reduce((sum, file) => sum + file.size, 0)
      for (const { name, size } of sizes) this.info(`${size.toFixed(1).padStart(6)} KiB  ${name}`)
      const text = `first load: ${total.toFixed(1)} KiB compressed, of ${limit}`
      if (total > limit) this.error(`${text}. Load what the first page does not need with import().`)
      this.info(text)
    },
  }
}

/** The names of the files that the overview needs at /ui/. */
export function firstLoad(bundle: Rollup.OutputBundle): Set<string> {
  const chunks = Object.values(bundle).filter(file => file.type === 'chunk')
  const queue = chunks.filter(c => c.isEntry || c.facadeModuleId?.includes('/pages/overview/')).map(c => c.fileName)
  const first = new Set<string>(['index.html'])
  for (let name = queue.pop(); name; name = queue.pop()) {
    if (first.has(name)) continue
    first.add(name)
    const file = bundle[name]
    if (file?.type !== 'chunk') continue
    queue.push(...file.imports, ...(file.viteMetadata?.importedCss ?? []))
  }
  return first
}
