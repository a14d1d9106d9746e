import { Anchor, Button, type ButtonProps } from '@mantine/core'
import type { Job } from '@/api/jobs'
import { webAddress } from './address'
import { Icon } from './Icon'

interface Props {
  job: Pick<Job, 'metadata'> | undefined
  /** As a button, where something has failed. */
  prominent?: boolean
  size?: ButtonProps['size']
}

const secure = { target: '_blank', rel: 'noopener noreferrer' } as const

/** The link to the runbook that a job's metadata names, if it is a web address. */
export function Runbook({ job, prominent, size = 'xs' }: Props) {
  const metadata = job?.metadata ?? {}
  const address = Object.hasOwn(metadata, 'runbook') ? webAddress(metadata.runbook) : undefined
  if (!address) return null
  if (prominent)
    return (
      <Button component="a" href={address} {...secure} size={size} leftSection={<Icon name="expand" size={14} />}>
        Open runbook
      </Button>
    )
  return (
    <Anchor href={address} {...secure} inherit underline="always">
      Runbook
    </Anchor>
  )
}
