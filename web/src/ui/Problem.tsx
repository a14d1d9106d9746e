import { Alert, Button, Group, Text } from '@mantine/core'
import { advice } from '@/api/error'
import { Icon } from './Icon'

interface Props {
  error: Error
  /** What was tried: `read the jobs`. */
  what: string
  again?: () => void
}

/** What went wrong, why, and what to do about it. */
export function Problem({ error, what, again }: Props) {
  return (
    <Alert color="red" variant="light" icon={<Icon name="alert" />} title={`Could not ${what}`} role="alert">
      <Text size="sm">{error.message}</Text>
      <Text size="sm" c="dimmed">
        {advice(error)}
      </Text>
      {again && (
        <Group mt="xs">
          <Button size="xs" variant="default" onClick={again}>
            Try again
          </Button>
        </Group>
      )}
    </Alert>
  )
}
