import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

/** What each floor may import, besides itself. A page is a floor of its own: pages do not import each other. */
const plan: Record<string, readonly string[]> = {
  app: ['pages', 'preferences', 'ui', 'api'],
  pages: ['preferences', 'ui', 'api'],
  preferences: [],
  ui: ['api'],
  api: [],
  testing: ['api'],
}

/** A file by its path below src, with the files below src that it imports. */
type Imports = ReadonlyMap<string, readonly string[]>

const isTest = (file: string) => /(\.test|(^|\/)testing)\.tsx?$/.test(file) || file.startsWith('testing/')
const floorOf = (file: string) => file.split('/')[0]!
const roomOf = (file: string) => (floorOf(file) === 'pages' ? file.split('/', 2).join('/') : floorOf(file))

/** The imports that the plan does not allow, as `a imports b`. */
function breaches(imports: Imports): string[] {
  return [...imports].flatMap(([file, targets]) =>
    targets.filter(target => !allowed(file, target)).map(target => `${file} imports ${target}`),
  )
}

function allowed(file: string, target: string): boolean {
  if (roomOf(file) === roomOf(target)) return true
  if (isTest(file) && floorOf(target) === 'testing') return true
  return plan[floorOf(file)]?.includes(floorOf(target)) ?? false
}

/** Groups of files that import each other, types included. */
function circles(imports: Imports): string[][] {
  const reached = new Map([...imports.keys()].map(file => [file, reachedFrom(file, imports)]))
  const groups = [...reached].flatMap(([file, targets]) =>
    targets.has(file) ? [[...targets].filter(t => reached.get(t)?.has(file)).toSorted()] : [],
  )
  return groups.filter((group, i) => groups.findIndex(g => g[0] === group[0]) === i)
}

function reachedFrom(file: string, imports: Imports): Set<string> {
  const seen = new Set<string>()
  const open = [file]
  while (open.length) {
    const fresh = (imports.get(open.pop()!) ?? []).filter(target => !seen.has(target))
    for (const target of fresh) seen.add(target)
    open.push(...fresh)
  }
  return seen
}

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .map(path => path.replaceAll('\\', '/'))
  .filter(path => /\.tsx?$/.test(path) && path !== 'floors.test.ts')
const known = new Set(files)
const textOf = new Map(files.map(file => [file, readFileSync(join('src', file), 'utf8')]))

/** The file below src that a specifier names; undefined for packages, styles and what lies outside. */
function resolve(file: string, specifier: string): string | undefined {
  const base = specifier.startsWith('@/') ? specifier.slice(2) : join(dirname(file), specifier)
  return ['', '.ts', '.tsx', '.d.ts'].map(end => base + end).find(path => known.has(path))
}

function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(textOf.get(file)!, true, true)
  const local = importedFiles.map(({ fileName }) => fileName).filter(name => /^(@\/|\.)/.test(name))
  return local.flatMap(name => resolve(file, name) ?? [])
}

const imports: Imports = new Map(files.map(file => [file, importsOf(file)]))

describe('the floors', () => {
  it('hold: imports go down, and no page imports another', () => {
    expect(imports.get('app/router.tsx')).toContain('pages/jobs/Jobs.tsx') // lazy ones are seen too
    expect(breaches(imports)).toEqual([])
  })

  it('know every folder', () => {
    expect([...new Set(files.map(floorOf))].toSorted()).toEqual(Object.keys(plan).toSorted())
  })

  it('have no circle, not even one of types', () => {
    expect(circles(imports)).toEqual([])
  })

  it.each([
    ['ui/When.tsx', 'preferences/preferences.ts'],
    ['ui/When.tsx', 'pages/jobs/order.ts'],
    ['pages/jobs/Jobs.tsx', 'app/live.tsx'],
    ['pages/jobs/Jobs.tsx', 'pages/job/search.ts'],
    ['api/jobs.ts', 'ui/state.ts'],
    ['ui/When.tsx', 'testing/show.tsx'],
  ])('refuse that %s imports %s', (file, target) => {
    expect(breaches(new Map([[file, [target]]]))).toEqual([`${file} imports ${target}`])
  })

  it('find a circle', () => {
    const round = new Map([['a', ['b']], ['b', ['c']], ['c', ['b']]]) // prettier-ignore
    expect(circles(round)).toEqual([['b', 'c']])
  })
})

describe('exports', () => {
  it('are imported by another file', () => {
    expect(files.filter(file => !isTest(file) && !file.endsWith('.d.ts')).flatMap(unused)).toEqual([])
  })
})

/** The names that a file exports and no other file mentions, as `file name`. */
function unused(file: string): string[] {
  const source = ts.createSourceFile(file, textOf.get(file)!, ts.ScriptTarget.Latest)
  const users = files.filter(f => f !== file && imports.get(f)!.includes(file)).map(f => textOf.get(f)!)
  const mentioned = (name: string) => users.some(text => new RegExp(`\\b${name}\\b`).test(text))
  return exportsOf(source).flatMap(name => (mentioned(name) ? [] : `${file} ${name}`))
}

function exportsOf(source: ts.SourceFile): string[] {
  return source.statements.flatMap(statement => {
    const exported = ts.canHaveModifiers(statement) && ts.getModifiers(statement)?.[0]?.kind === ts.SyntaxKind.ExportKeyword // prettier-ignore
    if (!exported) return []
    if (ts.isVariableStatement(statement))
      return statement.declarationList.declarations.map(d => d.name.getText(source))
    return (statement as ts.DeclarationStatement).name?.getText(source) ?? []
  })
}
