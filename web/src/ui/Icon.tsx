import type { SVGProps } from 'react'

// Drawn on a grid of 24 with a pen of 1.8.
const shapes = {
  alert: 'M12 8v5m0 3.5v.01M10.3 4 2.6 17.6A2 2 0 0 0 4.3 20.6h15.4a2 2 0 0 0 1.7-3L13.7 4a2 2 0 0 0-3.4 0Z',
  ban: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM5.7 5.7l12.6 12.6',
  bell: 'M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 2h-15Zm4 4.5h4',
  calendar: 'M5 5.5h14a1 1 0 0 1 1 1V19a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V6.5a1 1 0 0 1 1-1ZM4 10h16M8.5 3v4m7-4v4',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  chevronDown: 'm6 9.5 6 6 6-6',
  chevronLeft: 'm14.5 6-6 6 6 6',
  chevronRight: 'm9.5 6 6 6-6 6',
  chevronUp: 'm6 14.5 6-6 6 6',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm0-14v5l3.2 2',
  code: 'm8.5 7-5 5 5 5m7-10 5 5-5 5',
  command:
    'M9 9h6v6H9zM9 9H6.5A2.5 2.5 0 1 1 9 6.5Zm6 0V6.5A2.5 2.5 0 1 1 17.5 9Zm0 6h2.5a2.5 2.5 0 1 1-2.5 2.5Zm-6 0v2.5A2.5 2.5 0 1 1 6.5 15Z',
  copy: 'M9 9h10v11H9zM6 15H5V4h10v1.5',
  cross: 'm6.5 6.5 11 11m0-11-11 11',
  dots: 'M5.5 12h.01M12 12h.01M18.5 12h.01',
  download: 'M12 4v11m-5-4.5 5 5 5-5M5 20h14',
  edit: 'm4.5 19.5.9-4L16 4.9a1.6 1.6 0 0 1 2.2 0l.9.9a1.6 1.6 0 0 1 0 2.2L8.5 18.6Z',
  expand: 'M14 4.5h5.5V10m0-5.5-6 6M10 19.5H4.5V14m0 5.5 6-6',
  filter: 'M4 6h16M7.5 12h9M10.5 18h3',
  flag: 'M6 21V4m0 .8h11.5l-2.3 4 2.3 4H6',
  gauge: 'M4.2 17.5a9 9 0 1 1 15.6 0M12 14l4-5',
  gear: 'M12 15.2a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4ZM12 3v2.6m0 12.8V21m9-9h-2.6M5.6 12H3m15.4-6.4-1.9 1.9M7.5 16.5l-1.9 1.9m12.8 0-1.9-1.9M7.5 7.5 5.6 5.6',
  graph:
    'M6.5 8.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Zm11 6a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Zm-11 6a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM8.9 6.8l6.3 4m0 2.4-6.3 4',
  help: 'M9.2 9.2a2.9 2.9 0 1 1 4.3 2.5c-1 .6-1.5 1-1.5 2.1m0 3v.01M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z',
  history: 'M4 5v4h4M4.5 9A8.5 8.5 0 1 1 3.6 13.5M12 8v4.4l3 1.8',
  key: 'M8 19a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm3-6.8 8.5-8.2M16 7.5l3 3',
  list: 'M8.5 6h11.5M8.5 12h11.5M8.5 18h11.5M4.5 6h.01M4.5 12h.01M4.5 18h.01',
  menu: 'M4 7h16M4 12h16M4 17h16',
  moon: 'M19.5 14.2A8 8 0 0 1 9.8 4.5a8 8 0 1 0 9.7 9.7Z',
  pause: 'M8.5 6v12m7-12v12',
  person: 'M12 12.2a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20.5a7.5 7.5 0 0 1 15 0',
  play: 'M8 5.5v13l10.5-6.5Z',
  plus: 'M12 5v14m-7-7h14',
  question: 'M9.2 9.2a2.9 2.9 0 1 1 4.3 2.5c-1 .6-1.5 1-1.5 2.1m0 3v.01',
  rerun: 'M20 5v4.5h-4.5M19.6 9.4A8 8 0 1 0 20 12',
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14Zm5-2 4.2 4.2',
  server: 'M4.5 4.5h15v6h-15zm0 9h15v6h-15zM8 7.5h.01M8 16.5h.01',
  shrink: 'M19.5 10H14V4.5m0 5.5 6-6M4.5 14H10v5.5m0-5.5-6 6',
  skip: 'M6 6v12l8-6Zm11.5 0v12',
  stop: 'M7 7h10v10H7z',
  sun: 'M12 16.2a4.2 4.2 0 1 0 0-8.4 4.2 4.2 0 0 0 0 8.4ZM12 3v1.8m0 14.4V21m9-9h-1.8M4.8 12H3m15.4-6.4-1.3 1.3M6.9 17.1l-1.3 1.3m12.8 0-1.3-1.3M6.9 6.9 5.6 5.6',
  timeline: 'M4 6h7M9 12h9M6 18h6M20 4v16',
  trash: 'M5 7h14m-9 0V4.5h4V7m-7.5 0 .8 12.5h7.4L17.5 7',
  tree: 'M5 4v13.5h5M5 9.5h5M12 6.5h7v6h-7zm0 8h7v6h-7z',
  undo: 'M8.5 6 4.5 10l4 4M5 10h9a5.5 5.5 0 0 1 0 11h-3',
  upload: 'M12 15.5v-11m-5 4.5 5-5 5 5M5 20h14',
  wrap: 'M4 6h16M4 12h12.5a3 3 0 0 1 0 6H12m2.5-2.5L12 18l2.5 2.5M4 18h4',
} as const

export type IconName = keyof typeof shapes

interface Props extends Omit<SVGProps<SVGSVGElement>, 'name'> {
  name: IconName
  size?: number
}

/** A small drawing, hidden from screen readers: the text next to it or its button’s label says what it means. */
export function Icon({ name, size = 18, ...rest }: Props) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.8}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
      {...rest}
    >
      <path d={shapes[name]} />
    </svg>
  )
}
