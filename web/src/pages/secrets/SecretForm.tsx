import { Button, Group, TextInput, Textarea } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { putSecret, secretKeys, type Secret } from '@/api/secrets'
import { submitting, useSaving } from '@/ui/saving'
import { tell } from '@/ui/act'
import { LinkButton } from '@/ui/link'
import { Problem } from '@/ui/Problem'
import classes from './Secrets.module.css'

interface Props {
  /** The stored one; undefined for a new one. */
  secret: Secret | undefined
  /** Of all secrets. */
  names: readonly string[]
}

const patterns = (text: string) => text.split(/[\s,]+/).filter(Boolean)

/** A secret: its name, a value that is written and never read, and the jobs that may use it. */
export function SecretForm({ secret, names }: Props) {
  const [name, setName] = useState(secret?.name ?? '')
  const [value, setValue] = useState('')
  const [jobs, setJobs] = useState(secret?.jobs.join(', ') ?? '')
  const navigate = useNavigate()
  const queries = useQueryClient()
  const { form, saving } = useSaving(['name', 'value', 'jobs'])

  async function save() {
    const stored = await saving.attempt(() => {
      if (!secret && names.includes(name)) throw new Error('name is taken: there is a secret of that name already.')
      return putSecret(name, { ...(value && { value }), jobs: patterns(jobs) })
    })
    if (!stored) return
    await queries.invalidateQueries({ queryKey: secretKeys.all })
    tell(`Saved the secret ${name}`)
    await navigate({ to: '/settings/secrets' })
  }

  return (
    <form ref={form} onSubmit={submitting(save)}>
      <div className={classes.fields}>
        <TextInput
          label="Name"
          description="Letters, digits, and any of _ - . Jobs refer to it."
          required
          readOnly={!!secret}
          variant={secret ? 'filled' : 'default'}
          maxLength={64}
          autoComplete="off"
          spellCheck={false}
          value={name}
          error={saving.errorOf('name')}
          onChange={event => setName(event.currentTarget.value)}
        />
        <Textarea
          label="Value"
          description={
            secret
              ? 'Leave it empty to keep the value. It can’t be shown.'
              : 'At least 4 characters. It can’t be shown again.'
          }
          required={!secret}
          autosize
          minRows={2}
          maxRows={14}
          autoComplete="off"
          spellCheck={false}
          value={value}
          error={saving.errorOf('value')}
          onChange={event => setValue(event.currentTarget.value)}
        />
        <TextInput
          label="Jobs that may use it"
          description="Names or patterns, such as billing-*, separated by commas. Empty: all jobs."
          autoComplete="off"
          spellCheck={false}
          value={jobs}
          error={saving.errorOf('jobs')}
          onChange={event => setJobs(event.currentTarget.value)}
        />
      </div>
      {saving.rest && (
        <div className={classes.problem}>
          <Problem error={saving.rest} what="save the secret" />
        </div>
      )}
      <Group mt="lg">
        <Button type="submit" loading={saving.busy}>
          Save
        </Button>
        <LinkButton variant="default" to="/settings/secrets">
          Cancel
        </LinkButton>
      </Group>
    </form>
  )
}
