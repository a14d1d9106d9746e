import { Button } from '@mantine/core'
import { Icon, type IconName } from '@/ui/Icon'
import { LinkButton } from '@/ui/link'
import type { Checks } from './checks'
import classes from './Editor.module.css'
import type { Tone } from '@/ui/state'

interface Props {
  verdict: Checks['verdict'] | 'changed'
  dirty: boolean
  exists: boolean
  name: string
  saving: boolean
  onSave: (run: boolean) => void
}

const looks: Record<Props['verdict'], { tone: Tone; icon: IconName; text: string }> = {
  incomplete: { tone: 'calm', icon: 'edit', text: 'Required fields are missing' },
  waiting: { tone: 'calm', icon: 'clock', text: 'Checking …' },
  wrong: { tone: 'bad', icon: 'alert', text: 'Fix the errors to save' },
  good: { tone: 'good', icon: 'check', text: 'Ready to save' },
  changed: { tone: 'wait', icon: 'alert', text: 'Someone changed the job: choose above' },
  unknown: { tone: 'wait', icon: 'question', text: 'The server can’t check it' },
}

/** The state of the draft, and its buttons. Always visible. */
export function SaveBar({ verdict, dirty, exists, name, saving, onSave }: Props) {
  const look = exists && !dirty ? ({ tone: 'calm', icon: 'check', text: 'No changes' } as const) : looks[verdict]
  return (
    <div className={classes.bar} data-form>
      <output className={classes.verdict} data-tone={look.tone}>
        <Icon name={look.icon} size={16} />
        {look.text}
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
        <Button
          variant="default"
          leftSection={<Icon name="play" size={15} />}
          disabled={saving}
          onClick={() => onSave(true)}
        >
          Save and run now
        </Button>
        <Button loading={saving} onClick={() => onSave(false)} title="Ctrl+Enter">
          Save
        </Button>
      </div>
    </div>
  )
}
