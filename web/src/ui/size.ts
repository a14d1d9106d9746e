/** Counts and sizes as words. */

const numbers = new Intl.NumberFormat('en')

export const count = (n: number) => numbers.format(n)

/** `1 job`, `2 jobs`. */
export const counted = (n: number, one: string, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`

/** Bytes: `312 B`, `4.2 KiB`, `10 MiB`. */
export function bytes(n: number): string {
  if (n < 1024) return `${n} B`
  const units = ['KiB', 'MiB', 'GiB', 'TiB']
  let unit = -1
  do {
    n /= 1024
    unit++
  } while (n >= 1024 && unit < units.length - 1)
  return `${n < 10 ? n.toFixed(1) : Math.round(n)} ${units[unit]}`
}

/** A share of one: `97 %`, `99.8 %`. */
export function percent(share: number): string {
  const p = share * 100
  if (p === 0 || p === 100) return `${p} %`
  return `${p > 99 || p < 1 ? p.toFixed(1).replace('100.0', '99.9').replace('0.0', '0.1') : Math.round(p)} %`
}
