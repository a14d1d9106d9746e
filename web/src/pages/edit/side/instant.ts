/** `Tue 2026-11-24 03:30:00` of the time that the server gives in the job's zone. */
export function localText(local: string): string {
  const [, day, time] = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)/.exec(local) ?? []
  return day ? `${weekday(day)} ${day} ${time}` : local
}

const names = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

const weekday = (day: string) => names[new Date(`${day}T00:00:00Z`).getUTCDay()]!

/** Why a change of the clock matters to an instant; empty if there is none. */
export function clockChange(dst: string): string {
  switch (dst) {
    case 'gap':
      return 'Clocks go forward: the local time is skipped, and this is right after.'
    case 'overlap-first':
      return 'Clocks go back: the local time comes twice. This is the first.'
    case 'overlap-second':
      return 'Clocks go back: the local time comes twice. This is the second.'
    default:
      return ''
  }
}
