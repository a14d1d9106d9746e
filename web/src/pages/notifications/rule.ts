import type { AlertEvent, Rule, RuleWrite } from '@/api/notifications'
import { shortDuration } from '@/ui/alerts/words'
import { formOfMatch, matchFields, matchOf, type MatchForm } from './MatchFields'

/** A rule that is edited. */
export interface RuleForm {
  name: string
  disabled: boolean
  on: AlertEvent[]
  in_a_row: number | ''
  longer_than: string
  shorter_than: string
  output: string
  match: MatchForm
  channels: string[]
  /** Reports only to the channels that jobs name. */
  jobsOnly: boolean
  severity: Rule['severity']
  remind: string
  quiet: { from: string; to: string; zone: string }
}

const own = 'name on in_a_row longer_than shorter_than output channels severity remind quiet.from quiet.to quiet.zone'

/** The fields that the server's errors name. */
export const ruleFields = [...own.split(' '), ...matchFields]

/** A new rule begins as most are: the first failure and its end, of all jobs. */
export const formOf = (rule: Rule | undefined): RuleForm => ({
  name: rule?.name ?? '',
  disabled: rule?.disabled ?? false,
  on: rule?.on ?? ['first_failure', 'recovered'],
  in_a_row: rule?.in_a_row ?? '',
  longer_than: shortDuration(rule?.longer_than ?? ''),
  shorter_than: shortDuration(rule?.shorter_than ?? ''),
  output: rule?.output ?? '',
  match: formOfMatch(rule?.match ?? {}),
  channels: rule?.channels ?? [],
  jobsOnly: rule?.channels.length === 0,
  severity: rule?.severity ?? 'warning',
  remind: shortDuration(rule?.remind ?? ''),
  quiet: { from: '', to: '', zone: '', ...rule?.quiet },
})

/** Whether a field of the form has an effect, so that it is shown and saved. */
export const uses = {
  in_a_row: ({ on }: RuleForm) => on.includes('nth_failure'),
  longer_than: ({ on }: RuleForm) => on.includes('ran_long') || on.includes('long_running'),
  shorter_than: ({ on }: RuleForm) => on.includes('ran_short'),
  output: ({ on }: RuleForm) => on.includes('output'),
}

/** Whether the rule keeps alerts open. */
export const tracks = ({ on, remind }: RuleForm) => on.includes('recovered') || remind.trim() !== ''

/** Without channels, the server asks for them: nobody is to forget them. */
export function writeOf(form: RuleForm): RuleWrite {
  const { from, to, zone } = form.quiet
  const channels = form.jobsOnly ? [] : form.channels
  return {
    disabled: form.disabled,
    on: form.on,
    match: matchOf(form.match),
    ...((form.jobsOnly || channels.length > 0) && { channels }),
    severity: form.severity,
    ...(uses.in_a_row(form) && form.in_a_row && { in_a_row: form.in_a_row }),
    ...(uses.longer_than(form) && { longer_than: form.longer_than.trim() }),
    ...(uses.shorter_than(form) && { shorter_than: form.shorter_than.trim() }),
    ...(uses.output(form) && { output: form.output }),
    ...((from || to) && { quiet: { from, to, zone } }),
    remind: form.remind.trim(),
  } as RuleWrite
}
