import { Box, Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { Icon, type IconName } from './Icon'

interface Props {
  icon?: IconName
  title: string
  /** What would be here, and how to get it. */
  children?: ReactNode
  action?: ReactNode
}

/** Replaces an empty list: what belongs there and how to get it. */
export function Empty({ icon = 'list', title, children, action }: Props) {
  return (
    <Stack align="center" gap={6} py="xl" px="md" ta="center">
      <Icon name={icon} size={28} color="var(--text-soft)" />
      <Text fw={600}>{title}</Text>
      {children && (
        <Text size="sm" c="dimmed" maw={460} component="div">
          {children}
        </Text>
      )}
      {action && <Box mt={8}>{action}</Box>}
    </Stack>
  )
}
