import { MantineProvider } from '@mantine/core'
import { ModalsProvider } from '@mantine/modals'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { useEffect, useState, type ReactNode } from 'react'
import { newQueryClient } from '@/api/queries'
import { usePreferences, zoneOf } from '@/preferences/preferences'
import { ZoneContext } from '@/ui/zone'
import { Gate } from './Gate'
import { LiveProvider } from './live'
import { followOldLinks, newRouter } from './router'
import { theme, variables } from './theme'

export function App({ nonce }: { nonce: string }) {
  const [queries] = useState(newQueryClient)
  const [router] = useState(() => newRouter(queries))
  useEffect(() => followOldLinks(router), [router])
  return (
    <QueryClientProvider client={queries}>
      <MantineProvider
        theme={theme}
        defaultColorScheme="auto"
        cssVariablesResolver={variables}
        getStyleNonce={() => nonce}
      >
        <ReadersZone>
          <ModalsProvider>
            <Notifications position="top-center" />
            <Gate>
              <LiveProvider>
                <RouterProvider router={router} />
              </LiveProvider>
            </Gate>
          </ModalsProvider>
        </ReadersZone>
      </MantineProvider>
    </QueryClientProvider>
  )
}

/** Shows times in the zone that the reader chose. */
function ReadersZone({ children }: { children: ReactNode }) {
  return <ZoneContext value={zoneOf(usePreferences())}>{children}</ZoneContext>
}
