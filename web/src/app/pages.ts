import type { IconName } from '@/ui/Icon'

/** The pages of the menu; `g` and then `key` opens one. */
export const pages = [
  { to: '/', label: 'Overview', icon: 'gauge', key: 'o' },
  { to: '/jobs', label: 'Jobs', icon: 'list', key: 'j' },
  { to: '/launches', label: 'Launches', icon: 'flag', key: 'l' },
  { to: '/timeline', label: 'Timeline', icon: 'timeline', key: 't' },
  { to: '/notifications', label: 'Notifications', icon: 'bell', key: 'a' },
  { to: '/nodes', label: 'Nodes', icon: 'server', key: 'n' },
  { to: '/settings', label: 'Settings', icon: 'gear', key: 's' },
] as const satisfies readonly { to: string; label: string; icon: IconName; key: string }[]
