import { NativeSelect, TextInput, Textarea } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { KeyDescription } from '@/api/executors'
import { noticeKeys, putChannel, type Channel, type ChannelType, type ChannelWrite } from '@/api/notifications'
import { tell } from '@/ui/act'
import { filled, submitting, useSaving, type Saving } from '@/ui/saving'
import { Foot } from './Foot'
import classes from './Notifications.module.css'
import { Preview } from './Preview'

interface Props {
  types: readonly ChannelType[]
  /** The stored one; undefined for a new one. */
  channel: Channel | undefined
  /** Of all channels. */
  names: readonly string[]
}

/** A channel: its name, its type, and the settings that the type describes. */
export function ChannelForm({ types, channel, names }: Props) {
  const [name, setName] = useState(channel?.name ?? '')
  const [type, setType] = useState(channel?.type ?? 'mail')
  const [settings, setSettings] = useState<Record<string, string>>(channel?.settings ?? {})
  const navigate = useNavigate()
  const queries = useQueryClient()
  const schema = types.find(t => t.type === type)?.schema
  const keys = Object.entries(schema?.properties ?? {})
  const { form, saving } = useSaving(['name', 'type', ...keys.map(([key]) => `settings.${key}`)])

  // Settings of another type stay while somebody looks at types, and are not saved.
  const known = filled(Object.fromEntries(keys.map(([key]) => [key, settings[key] ?? ''])))
  const write = { type, settings: known } as ChannelWrite

  async function save() {
    const stored = await saving.attempt(() => {
      if (!channel && names.includes(name)) throw new Error('name is taken: there is a channel of that name already.')
      return putChannel(name, write)
    })
    if (!stored) return
    await queries.invalidateQueries({ queryKey: noticeKeys.channels })
    tell(`Saved the channel ${name}`)
    await navigate({ to: '/notifications', search: { tab: 'channels' } })
  }

  const field = (key: string, p: KeyDescription) => (
    <Setting
      key={key}
      name={key}
      property={p}
      required={schema?.required?.includes(key) ?? false}
      value={settings[key] ?? ''}
      saving={saving}
      onChange={value => setSettings({ ...settings, [key]: value })}
    />
  )
  const rare = keys.filter(([, p]) => p['x-advanced'])
  const open = rare.some(([key]) => known[key] || saving.errorOf(`settings.${key}`))
  return (
    <form ref={form} onSubmit={submitting(save)}>
      <div className={classes.grid}>
        <TextInput
          label="Name"
          description="1 to 64 of a–z, 0–9, - and _. Rules and jobs refer to it."
          required
          readOnly={!!channel}
          variant={channel ? 'filled' : 'default'}
          maxLength={64}
          autoComplete="off"
          spellCheck={false}
          value={name}
          error={saving.errorOf('name')}
          onChange={event => setName(event.currentTarget.value)}
        />
        <NativeSelect
          label="Type"
          description={schema?.description}
          data={types.map(t => t.type)}
          value={type}
          error={saving.errorOf('type')}
          onChange={event => setType(event.currentTarget.value)}
        />
      </div>
      <fieldset className={classes.group}>
        <legend>Settings</legend>
        <p className={classes.help}>
          Write a secret as a reference: <code>{'${secret:NAME}'}</code> to a stored one, <code>{'${env:NAME}'}</code>{' '}
          or <code>{'${file:/PATH}'}</code> to one that the servers have.
        </p>
        <div className={classes.grid}>{keys.map(([key, p]) => !p['x-advanced'] && field(key, p))}</div>
        {rare.length > 0 && (
          <details className={classes.more} open={open || undefined}>
            <summary>More settings</summary>
            <div className={classes.grid}>{rare.map(([key, p]) => field(key, p))}</div>
          </details>
        )}
      </fieldset>
      <Preview channel={name || 'new'} write={write} saving={saving} />
      <Foot tab="channels" what="the channel" saving={saving} />
    </form>
  )
}

interface SettingProps {
  name: string
  property: KeyDescription
  required: boolean
  value: string
  saving: Saving
  onChange: (value: string) => void
}

/** A key of the settings, as its type describes it. References are no secrets: they are shown. */
function Setting({ name, property: p, required, value, saving, onChange }: SettingProps) {
  const look = {
    label: p.title,
    description: p.default ? `${p.description} Default: ${p.default}.` : p.description,
    placeholder: p.examples?.[0] ?? p.default,
    withAsterisk: required,
    error: saving.errorOf(`settings.${name}`),
    value,
    spellCheck: false,
    autoComplete: 'off',
  }
  if (p.enum)
    return (
      <NativeSelect
        label={look.label}
        description={look.description}
        error={look.error}
        value={value}
        data={['', ...p.enum]}
        onChange={event => onChange(event.currentTarget.value)}
      />
    )
  if (p.format === 'multiline')
    return (
      <div className={`${classes.mono} ${classes.wide}`}>
        <Textarea {...look} autosize minRows={2} maxRows={14} onChange={event => onChange(event.currentTarget.value)} />
      </div>
    )
  return (
    <div className={classes.mono}>
      <TextInput
        {...look}
        inputMode={p.format === 'integer' ? 'numeric' : undefined}
        onChange={event => onChange(event.currentTarget.value)}
      />
    </div>
  )
}
