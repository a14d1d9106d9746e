import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { extname, join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

const texts = new Set(['.css', '.html', '.js', '.json', '.svg', '.txt'])
const least = 64 // bytes that it must save: as many as its headers say of it

/**
 * Replaces each text file x of the build that gets smaller by x.gz, so that the server compresses nothing and the program does not hold it twice;
 * clients that do not accept it are rare, and the server unpacks for them. Browsers accept Brotli, which is an eighth smaller,
 * by HTTPS alone; a second form of each file would cost the program more than it saves them.
 * Also writes the placeholder that keeps the folder in the repository.
 * The server fills in the HTML, which is not compressed here.
 */
export function compress(): Plugin {
  let out = ''
  return {
    name: 'compress',
    apply: 'build',
    configResolved(config) {
      out = resolve(config.root, config.build.outDir)
    },
    closeBundle() {
      if (!existsSync(out)) mkdirSync(out, { recursive: true })
      writeFileSync(join(out, '.keep'), 'The built page comes here. This file lets Go compile without it.\n')
      for (const name of readdirSync(out, { recursive: true, encoding: 'utf8' })) {
        const file = join(out, name)
        if (!texts.has(extname(file)) || extname(file) === '.html' || !statSync(file).isFile()) continue
        const text = readFileSync(file)
        const packed = gzipSync(text, { level: 9 })
        if (packed.length + least > text.length) continue
        writeFileSync(`${file}.gz`, packed)
        rmSync(file)
      }
    },
  }
}
