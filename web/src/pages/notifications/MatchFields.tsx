import { TextInput } from '@mantine/core'
import type { Match } from '@/api/notifications'
import { matchWords } from '@/ui/alerts/words'
import { PairsField, pairsOf, rowsOf } from '@/ui/PairsField'
import type { Saving } from '@/ui/saving'
import classes from './Notifications.module.css'

/** A choice of jobs that is edited. */
export interface MatchForm {
  jobs: string
  owner: string
  tags: ReturnType<typeof rowsOf>
  metadata: ReturnType<typeof rowsOf>
}

export const matchFields = ['match', 'match.jobs', 'match.tags', 'match.metadata']

export const formOfMatch = ({ jobs, owner, tags, metadata }: Match): MatchForm => ({
  jobs: (jobs ?? []).join(', '),
  owner: owner ?? '',
  tags: rowsOf(tags),
  metadata: rowsOf(metadata),
})

export function matchOf({ jobs, owner, tags, metadata }: MatchForm): Match {
  return {
    jobs: jobs.split(/[\s,]+/).filter(Boolean),
    owner: owner.trim(),
    tags: pairsOf(tags),
    metadata: pairsOf(metadata),
  }
}

interface Props {
  value: MatchForm
  onChange: (value: MatchForm) => void
  saving: Saving
}

/** Which jobs a rule or silence is for. */
export function MatchFields({ value, onChange, saving }: Props) {
  const change = (part: Partial<MatchForm>) => onChange({ ...value, ...part })
  return (
    <fieldset className={classes.group}>
      <legend>For which jobs</legend>
      <p className={classes.help}>
        All that is filled in must fit. Now: <strong>{matchWords(matchOf(value))}</strong>.
      </p>
      <div className={classes.grid}>
        <div className={classes.mono}>
          <TextInput
            label="Names"
            description="Names or patterns with *, ? and [a-z], separated by commas. One of them must fit."
            placeholder="backup-*, report"
            autoComplete="off"
            spellCheck={false}
            value={value.jobs}
            error={saving.errorOf('match.jobs')}
            onChange={event => change({ jobs: event.currentTarget.value })}
          />
        </div>
        <TextInput
          label="Owner"
          description="Exactly as jobs have it."
          placeholder="any"
          value={value.owner}
          onChange={event => change({ owner: event.currentTarget.value })}
        />
        <Pairs label="Tags" example={['role', 'db:1']} of="tags" {...{ value, change, saving }} />
        <Pairs label="Metadata" example={['severity', 'high']} of="metadata" {...{ value, change, saving }} />
      </div>
    </fieldset>
  )
}

interface PairsProps {
  label: string
  example: [string, string]
  of: 'tags' | 'metadata'
  value: MatchForm
  change: (part: Partial<MatchForm>) => void
  saving: Saving
}

function Pairs({ label, example, of, value, change, saving }: PairsProps) {
  const error = saving.errorOf(`match.${of}`)
  return (
    <div>
      <PairsField label={label} example={example} rows={value[of]} onChange={rows => change({ [of]: rows })} />
      {error && (
        <div role="alert" style={{ fontSize: 12.5, color: 'var(--bad)' }}>
          {error}
        </div>
      )}
    </div>
  )
}
