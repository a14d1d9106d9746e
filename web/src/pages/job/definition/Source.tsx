import { ActionIcon, Group, Tooltip } from '@mantine/core'
import type { ReactNode } from 'react'
import { Copy } from '@/ui/Copy'
import { Icon } from '@/ui/Icon'
import { Panel } from '@/ui/Panel'
import { download } from '@/ui/download'
import classes from './Source.module.css'

interface Props {
  text: string
  /** The file's name. */
  file: string
  type: string
  choice: ReactNode
}

/** A definition as text, to copy or save. */
export function Source({ text, file, type, choice }: Props) {
  const tools = (
    <Group gap={6}>
      {choice}
      <Copy text={text} label="Copy the definition" />
      <Tooltip label={`Save as ${file}`}>
        <ActionIcon size={24} aria-label={`Save as ${file}`} onClick={() => download(file, text, type)}>
          <Icon name="download" size={15} />
        </ActionIcon>
      </Tooltip>
    </Group>
  )
  return (
    <Panel title="Definition" aside={tools} className={classes.source}>
      <Text label="Definition">{text}</Text>
    </Panel>
  )
}

/** Code that scrolls by itself. */
export function Text({ label, children }: { label: string; children: string }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls can be reached by keyboard
    <section className={classes.text} tabIndex={0} aria-label={label}>
      <pre>{children}</pre>
    </section>
  )
}
