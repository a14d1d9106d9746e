import { Button } from '@mantine/core'
import { Icon, type IconName } from '@/ui/Icon'
import { LinkButton } from '@/ui/link'
import { counted } from '@/ui/size'
import type { Checks, Found } from './checks'
import classes from './Editor.module.css'
import type { Tone } from '@/ui/state'

interface Props {
  verdict: Checks['verdict'] | 'changed' | 'frozen'
  dirty: boolean
  exists: boolean
  name: string
  saving: boolean
  /** Whether the servers run the job. */
  runs: boolean
  /** What is wrong, errors first; empty while nothing has been typed. */
  problems: readonly Found[]
  /** Whether the list of problems is open. */
  open: boolean
  onOpen: (open: boolean) => void
  /** Shows the field of a problem. */
  onGo: (place: string) => void
  onSave: (run: boolean) => void
}

const looks: Record<Props['verdict'], { tone: Tone; icon: IconName; text: string }> = {
  incomplete: { tone: 'calm', icon: 'edit', text: 'Required fields are missing' },
  waiting: { tone: 'calm', icon: 'clock', text: 'Checking …' },
  wrong: { tone: 'bad', icon: 'alert', text: 'Fix the errors to save' },
  good: { tone: 'good', icon: 'check', text: 'Ready to save' },
  changed: { tone: 'wait', icon: 'alert', text: 'Someone changed the job: choose above' },
  frozen: { tone: 'wait', icon: 'alert', text: 'Job changes are frozen: unfreeze them in Settings to save' },
  unknown: { tone: 'wait', icon: 'question', text: 'The server can’t check it' },
}

const idle = { tone: 'calm', icon: 'check', text: 'No changes' } as const

/** What the bar says of the problems, for example "Can be saved, with 2 warnings". */
function withProblems(verdict: Props['verdict'], otherwise: string, problems: readonly Found[]): string {
  const errors = problems.filter(problem => problem.kind === 'error').length
  const warnings = problems.length - errors
  if (verdict === 'wrong' && errors > 0) return `Fix ${counted(errors, 'error')} to save`
  if (verdict === 'good') return `Can be saved, with ${counted(warnings, 'warning')}`
  return `${otherwise} (${counted(problems.length, 'problem')})`
}

function Problems({ problems, onGo }: { problems: readonly Found[]; onGo: (place: string) => void }) {
  return (
    <ul className={classes.problems} aria-label="Problems">
      {problems.map(({ path, text, kind, place }) => (
        <li key={`${path} ${text}`} data-tone={kind === 'error' ? 'bad' : 'wait'}>
          <Icon name="alert" size={15} />
          {place ? (
            <button type="button" onClick={() => onGo(place)}>
              <strong>{path}</strong> {text}
            </button>
          ) : (
            <span>
              {path && <strong>{path}</strong>} {text}
            </span>
          )}
        </li>
      ))}
    </ul>
  )
}

/** The state of the draft, and its buttons. Always visible. */
export function SaveBar({ verdict, dirty, exists, name, saving, runs, problems, open, onOpen, onGo, onSave }: Props) {
  const look = exists && !dirty ? idle : looks[verdict]
  const text = problems.length > 0 && look !== idle ? withProblems(verdict, look.text, problems) : undefined
  return (
    <div className={classes.bar} data-form>
      {text && open && <Problems problems={problems} onGo={onGo} />}
      <output className={classes.verdict} data-tone={text && verdict === 'good' ? 'wait' : look.tone}>
        <Icon name={text && verdict === 'good' ? 'alert' : look.icon} size={16} />
        {text ? (
          <button type="button" className={classes.opener} aria-expanded={open} onClick={() => onOpen(!open)}>
            {text}
          </button>
        ) : (
          look.text
        )}
      </output>
      <div className={classes.buttons}>
        {exists ? (
          <LinkButton to="/jobs/$job" params={{ job: name }} variant="default">
            Cancel
          </LinkButton>
        ) : (
          <LinkButton to="/jobs" variant="default">
            Cancel
          </LinkButton>
        )}
        {runs && (
          <Button
            variant="default"
            leftSection={<Icon name="play" size={15} />}
            disabled={saving}
            onClick={() => onSave(true)}
          >
            Save and run now
          </Button>
        )}
        <Button loading={saving} onClick={() => onSave(false)} title="Ctrl+Enter">
          {open && verdict === 'good' && text ? 'Save anyway' : 'Save'}
        </Button>
      </div>
    </div>
  )
}
