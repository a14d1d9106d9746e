import { Group, Text } from '@mantine/core'
import { LinkButton } from '@/ui/link'
import { May } from '@/ui/may'
import { Panel } from '@/ui/Panel'

/** The way to the audit, for those who may see it. */
export const AuditLink = () => (
  <May verb="manage" all>
    <Panel title="Audit">
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm">Who changed, ran or stopped what, and who was refused.</Text>
        <LinkButton variant="default" flex="none" to="/settings/audit">
          Open audit
        </LinkButton>
      </Group>
    </Panel>
  </May>
)
