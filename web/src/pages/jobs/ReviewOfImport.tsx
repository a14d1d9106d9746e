import { Alert, Button, Checkbox, Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import type { FieldChange, Problem, Review } from '@/api/jobs'
import { Icon } from '@/ui/Icon'
import { Link } from '@/ui/link'
import { count, counted } from '@/ui/size'
import { sentence } from '@/ui/words'
import classes from './ImportDialog.module.css'

interface Props {
  review: Review
  busy: boolean
  onBack: () => void
  onSure: () => void
}

/** What an import would do, job by job, and everything that is wrong with it. */
export function ReviewOfImport({ review, busy, onBack, onSure }: Props) {
  const [seen, setSeen] = useState(false)
  const changes = review.create.length + review.update.length
  const errors = review.problems.filter(problem => problem.severity === 'error')
  const warnings = review.problems.filter(problem => problem.severity === 'warning')
  const mayImport = review.errors === 0 && changes > 0 && (seen || review.warnings === 0)
  return (
    <Stack gap="sm">
      {review.errors > 0 && (
        <Alert
          color="red"
          variant="light"
          role="alert"
          icon={<Icon name="alert" />}
          title={`This can’t be imported: ${counted(review.errors, 'error')}`}
        >
          <Problems problems={errors} left={review.errors - errors.length} />
          Nothing was stored.
        </Alert>
      )}
      {review.warnings > 0 && (
        <Alert color="yellow" variant="light" icon={<Icon name="alert" />} title={counted(review.warnings, 'warning')}>
          <Problems problems={warnings} left={review.warnings - warnings.length} />
          {review.errors === 0 && (
            <Checkbox
              mt="xs"
              label="Import despite the warnings"
              checked={seen}
              onChange={event => setSeen(event.currentTarget.checked)}
            />
          )}
        </Alert>
      )}
      <Text size="sm" c="dimmed">
        Nothing is stored yet. Jobs not in the file stay unchanged.
      </Text>
      <Updates names={review.update} changes={review.changes} truncated={review.truncated === true} />
      <div className={classes.lists}>
        <Names title="Created" names={review.create} />
        <Names title="Updated" names={review.update} known />
        <Names title="Unchanged" names={review.unchanged} known />
      </div>
      <Group justify="flex-end">
        <Button variant="default" onClick={onBack}>
          Back
        </Button>
        <Button data-autofocus loading={busy} disabled={!mayImport} onClick={onSure}>
          {changes === 0 ? 'No changes' : `Import ${counted(changes, 'job')}`}
        </Button>
      </Group>
    </Stack>
  )
}

const most = 200

function Problems({ problems, left }: { problems: Problem[]; left: number }) {
  const more = left + Math.max(0, problems.length - most)
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a list that scrolls must be within reach of the keyboard
    <ul className={classes.problems} tabIndex={0}>
      {problems.slice(0, most).map(({ job, field, text }, i) => (
        // oxlint-disable-next-line react/no-array-index-key -- two entries may have the same name and problem
        <li key={i}>
          <strong>{job}</strong>
          {field && <code>{field}</code>} {sentence(text)}
        </li>
      ))}
      {more > 0 && <li>and {count(more)} more</li>}
    </ul>
  )
}

interface UpdatesProps {
  names: string[]
  changes: FieldChange[]
  truncated: boolean
}

/** What changes in each job that exists. */
function Updates({ names, changes, truncated }: UpdatesProps) {
  if (names.length === 0) return null
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a list that scrolls must be within reach of the keyboard
    <section className={classes.updates} aria-label="What changes" tabIndex={0}>
      {names.slice(0, most).map(name => {
        const own = changes.filter(change => change.job === name)
        return (
          <div key={name}>
            <strong>{name}</strong>
            {own.length === 0 && !truncated && <p>Only its counters or last times change.</p>}
            <dl>
              {own.map(({ field, was, is }) => (
                <div key={field}>
                  <dt>{field}</dt>
                  <dd>
                    <del>{shown(was)}</del> <span aria-hidden="true">→</span> <ins>{shown(is)}</ins>
                  </dd>
                </div>
              ))}
            </dl>
          </div>
        )
      })}
      {(truncated || names.length > most) && <p>and more that are not shown</p>}
    </section>
  )
}

function shown(value: unknown): string {
  if (value === null || value === undefined || value === '') return 'none'
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function Names({ title, names, known }: { title: string; names: string[]; known?: boolean }) {
  return (
    <section className={classes.names} aria-label={`${title}: ${names.length}`}>
      <h3>
        {title} <span>{count(names.length)}</span>
      </h3>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a list that scrolls must be within reach of the keyboard */}
      <ul tabIndex={0}>
        {names.slice(0, most).map(name => (
          <li key={name}>
            {known ? (
              <Link to="/jobs/$job" params={{ job: name }} size="xs" target="_blank">
                {name}
              </Link>
            ) : (
              name
            )}
          </li>
        ))}
        {names.length > most && <li>and {count(names.length - most)} more</li>}
        {names.length === 0 && <li>none</li>}
      </ul>
    </section>
  )
}
