import { Button, Group } from '@mantine/core'
import { urlOf } from '@/api/client'
import { Copy } from '@/ui/Copy'
import { Empty } from '@/ui/Empty'
import { Icon } from '@/ui/Icon'
import { LinkButton } from '@/ui/link'
import { May } from '@/ui/may'
import classes from './EmptyJobs.module.css'

const example = () => `curl ${urlOf('v1/jobs')} -H 'Content-Type: application/json' -d '{
  "name": "hello",
  "schedule": "@every 1m",
  "executor": "shell",
  "executor_config": {"command": "echo hello"}
}'`

/** Shown while there are no jobs. */
export function NoJobs({ onImport }: { onImport: () => void }) {
  const text = example()
  return (
    <Empty
      icon="calendar"
      title="No jobs yet"
      action={
        <Group gap="xs" mt="sm">
          <May verb="write">
            <LinkButton to="/new" leftSection={<Icon name="plus" size={16} />}>
              New job
            </LinkButton>
          </May>
          <May verb="write" all>
            <Button variant="default" leftSection={<Icon name="upload" size={16} />} onClick={onImport}>
              Import jobs
            </Button>
          </May>
        </Group>
      }
    >
      A job says what runs, when, and on which nodes, such as a nightly command on one database server. Create the first
      one here or from a terminal:
      <div className={classes.example}>
        <pre>{text}</pre>
        <Copy text={text} label="Copy the command" />
      </div>
    </Empty>
  )
}

/** Shown if no job matches. */
export function NoMatch({ onClear }: { onClear: () => void }) {
  return (
    <Empty
      icon="search"
      title="No jobs match these filters"
      action={
        <Button variant="default" mt="sm" onClick={onClear}>
          Clear search and filters
        </Button>
      }
    >
      Every word must occur in the name, display name, owner, executor or metadata, and every filter must match.
    </Empty>
  )
}
