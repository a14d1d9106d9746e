const folds: Record<string, string> = { ß: 'ss', æ: 'ae', ø: 'o', œ: 'oe', ł: 'l', đ: 'd' }

/** A job's name made from its display name: `Köln: nightly backup!` is `koln-nightly-backup`. */
export const slugOf = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[ßæøœłđ]/g, letter => folds[letter]!)
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\p{Ll}0-9_]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 80)

/** Names for a copy, in the order to try them. */
export function* copyNames(name: string): Generator<string> {
  const stem = name.replace(/-copy(-\d+)?$/, '')
  yield `${stem}-copy`
  for (let n = 2; n < 100; n++) yield `${stem}-copy-${n}`
}

/** What is wrong with a name; empty if nothing is. */
export function wrongName(name: string): string {
  const illegal = /[^\p{Ll}0-9_-]/u.exec(name)
  if (illegal?.[0] === ' ') return 'A name has no spaces. Use - or _ instead.'
  if (illegal) return `“${illegal[0]}” can’t be in a name. Use lower-case letters, digits, _ and -.`
  return new TextEncoder().encode(name).length > 4096 ? 'A name has at most 4096 bytes.' : ''
}
