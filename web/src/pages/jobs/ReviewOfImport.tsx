import { Alert, Button, Checkbox, Group, Skeleton, Stack, Text } from '@mantine/core'
import { lazy, Suspense, useState } from 'react'
import type { FieldChange, Problem, Review } from '@/api/jobs'
import { Icon } from '@/ui/Icon'
import { Link } from '@/ui/link'
import { part } from '@/ui/part'
import { count, counted } from '@/ui/size'
import { sentence } from '@/ui/words'
import classes from './ImportDialog.module.css'

const MarkedText = lazy(part(async () => ({ default: (await import('@/ui/code/MarkedText')).MarkedText })))

interface Props {
  review: Review
  /** The text that was reviewed. */
  checked: string
  /** The text as it is now. */
  text: string
  onText: (text: string) => void
  /** Why the text could not be checked again; empty if it could. */
  wrong: string
  busy: boolean
  onBack: () => void
  onCheck: () => void
  onSure: () => void
}

/** The text of an import with everything that is wrong with it marked, and what the import would do, job by job. */
export function ReviewOfImport({ review, checked, text, onText, wrong, busy, onBack, onCheck, onSure }: Props) {
  const [accepted, setAccepted] = useState<Review>()
  const seen = accepted === review
  const [pointed, setPointed] = useState<Problem>()
  const [start] = useState(text)
  const changes = review.create.length + review.update.length
  const isChecked = text === checked
  const mayImport = isChecked && review.errors === 0 && changes > 0 && (seen || review.warnings === 0)
  return (
    <Stack gap="sm">
      <div className={classes.parts} data-wrong={review.problems.length > 0 || undefined}>
        <Suspense fallback={<Skeleton h={220} />}>
          <MarkedText
            label="The text of the import"
            start={start}
            marks={isChecked ? review.problems : none}
            shown={pointed}
            onChange={onText}
          />
        </Suspense>
        <Stack gap="sm">
          <Verdict
            review={review}
            seen={seen}
            onSeen={is => setAccepted(is ? review : undefined)}
            onShow={problem => setPointed({ ...problem })}
          />
        </Stack>
      </div>
      {wrong && (
        <Alert color="red" variant="light" role="alert" icon={<Icon name="alert" />} title="This can’t be checked">
          {wrong}
        </Alert>
      )}
      <Text size="sm" c="dimmed">
        {isChecked
          ? 'Nothing is stored yet. Jobs not in the file stay unchanged.'
          : 'The text has changed. Check it again to see what is wrong and what would be stored.'}
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
        {isChecked ? (
          <Button data-autofocus loading={busy} disabled={!mayImport} onClick={onSure}>
            {changes === 0 ? 'No changes' : `Import ${counted(changes, 'job')}`}
          </Button>
        ) : (
          <Button loading={busy} onClick={onCheck}>
            Check again
          </Button>
        )}
      </Group>
    </Stack>
  )
}

const none: Problem[] = []

interface VerdictProps {
  review: Review
  seen: boolean
  onSeen: (seen: boolean) => void
  onShow: (problem: Problem) => void
}

/** The errors and the warnings, each with a link to its line. */
function Verdict({ review, seen, onSeen, onShow }: VerdictProps) {
  const errors = review.problems.filter(problem => problem.severity === 'error')
  const warnings = review.problems.filter(problem => problem.severity === 'warning')
  return (
    <>
      {review.errors > 0 && (
        <Alert
          color="red"
          variant="light"
          role="alert"
          icon={<Icon name="alert" />}
          title={`This can’t be imported: ${counted(review.errors, 'error')}`}
        >
          <Problems problems={errors} left={review.errors - errors.length} onShow={onShow} />
          Nothing was stored.
        </Alert>
      )}
      {review.warnings > 0 && (
        <Alert color="yellow" variant="light" icon={<Icon name="alert" />} title={counted(review.warnings, 'warning')}>
          <Problems problems={warnings} left={review.warnings - warnings.length} onShow={onShow} />
          {review.errors === 0 && (
            <Checkbox
              mt="xs"
              label="Import despite the warnings"
              checked={seen}
              onChange={event => onSeen(event.currentTarget.checked)}
            />
          )}
        </Alert>
      )}
    </>
  )
}

const most = 200

interface ProblemsProps {
  problems: Problem[]
  left: number
  onShow: (problem: Problem) => void
}

function Problems({ problems, left, onShow }: ProblemsProps) {
  const more = left + Math.max(0, problems.length - most)
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a list that scrolls must be within reach of the keyboard
    <ul className={classes.problems} tabIndex={0}>
      {problems.slice(0, most).map((problem, i) => (
        // oxlint-disable-next-line react/no-array-index-key -- two entries may have the same name and problem
        <li key={i}>
          <button type="button" className={classes.jump} onClick={() => onShow(problem)}>
            Line {count(problem.line)}: {problem.job}
          </button>
          {problem.field && <code>{problem.field}</code>} {sentence(withoutField(problem))}
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
  if (Array.isArray(value)) return value.map(shown).join('; ') || 'none'
  if (value === null || value === undefined || value === '') return 'none'
  if (typeof value !== 'object') return String(value)
  const set = Object.entries(value).map(([key, own]) => [key, shown(own)])
  const given = set.filter(([, text]) => text !== 'none').map(pair => pair.join(': '))
  return given.join(', ') || 'none'
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

/** What is wrong, after the name of its field. */
const withoutField = ({ field, text }: Problem) =>
  field && text.startsWith(`${field} `) ? text.slice(field.length + 1) : text
