import { Group, Text } from '@mantine/core'
import { LinkButton } from '@/ui/link'
import { May } from '@/ui/may'
import { Panel } from '@/ui/Panel'

/** The way to the page of secrets, for those who may see it. */
export const SecretsLink = () => (
  <May verb="admin" all>
    <Panel title="Secrets">
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm">Passwords and tokens that jobs and channels refer to, stored encrypted.</Text>
        <LinkButton variant="default" flex="none" to="/settings/secrets">
          Manage secrets
        </LinkButton>
      </Group>
    </Panel>
  </May>
)
