import type { AuditKind, AuditRecord } from '@/api/audit'

/** What records are about, as people call it. */
export const kindWords: Record<AuditKind, string> = {
  job: 'Job',
  history: 'Run history',
  launch: 'Launch',
  execution: 'Execution',
  rerun: 'Rerun',
  channel: 'Channel',
  rule: 'Rule',
  silence: 'Silence',
  alert: 'Alert',
  message: 'Message',
  policy: 'Policy',
  token: 'Token',
  session: 'Sign-in',
  secret: 'Secret',
  settings: 'Settings',
  pause: 'Job changes',
  node: 'Node',
  plugin: 'Plugin',
  request: 'Refused request',
}

/** What happened, in a few words. */
export function titleOf(record: AuditRecord): string {
  const { action, kind, object, job, detail, before, after, count } = record
  switch (kind) {
    case 'request':
      if (record.left_out) return `${count} refused requests without a record`
      return `Refused ${action}${count && count > 1 ? `, ${count} times` : ''}`
    case 'launch':
    case 'execution':
      if (action.startsWith('Rerun')) return `Ran ${job} again`
      return action.startsWith('Run') || action.startsWith('Launch') ? `Ran ${job}` : `Stopped ${object}`
    case 'history':
      return `${action === 'Restore' ? 'Restored the counters' : 'Cleared the history'} of ${object}`
    case 'session':
      return detail ? detail.charAt(0).toUpperCase() + detail.slice(1) : action
    case 'pause':
      return detail.includes('refused') ? 'Froze job changes' : 'Unfroze job changes'
    case 'alert':
      return `Acknowledged alert ${object}`
    case 'message':
      return action === 'TryChannel' ? `Tested a channel: message ${object}` : `Sent message ${object} again`
    case 'rerun':
      return `${action === 'StopRerun' ? 'Stopped' : 'Started'} rerun ${object}`
  }
  const what = `${kindWords[kind].toLowerCase()} ${object}`.trim()
  if (action === 'ToggleJob' && after) return `${after.disabled ? 'Disabled' : 'Enabled'} ${what}`
  if (action === 'EndSilence') return `Ended ${what}`
  if (before && after) return `Changed ${what}`
  if (after) return `Created ${what}`
  if (before) return `Deleted ${what}`
  return `${action}: ${what}`
}

/** Who it was, for people: a name if there is one. */
export const whoOf = ({ who }: AuditRecord) => who.name || who.accessor || who.address || 'Unknown'
