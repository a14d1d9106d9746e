import { Alert, Button, Group, Text } from '@mantine/core'
import { advice, ApiError } from '@/api/error'
import { Icon } from './Icon'

/** Whether the same request would fail again. */
const hopeless = (error: Error) => error instanceof ApiError && error.status >= 400 && error.status < 500

interface Props {
  error: Error
  /** What was tried: `load the jobs`. */
  what: string
  again?: () => void
}

/** What went wrong, why, and what to do about it. */
export function Problem({ error, what, again }: Props) {
  return (
    <Alert color="red" variant="light" icon={<Icon name="alert" />} title={`Can’t ${what}`} role="alert">
      <Text size="sm">{error.message}</Text>
      <Text size="sm" c="dimmed">
        {advice(error)}
      </Text>
      {again && !hopeless(error) && (
        <Group mt="xs">
          <Button size="xs" variant="default" onClick={again}>
            Try again
          </Button>
        </Group>
      )}
    </Alert>
  )
}
