import { MantineProvider } from '@mantine/core'
import { ModalsProvider } from '@mantine/modals'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { useState } from 'react'
import { LiveProvider } from './live'
import { newQueryClient } from './queries'
import { newRouter } from './router'
import { theme, variables } from './theme'

export function App({ nonce }: { nonce: string }) {
  const [queries] = useState(newQueryClient)
  const [router] = useState(() => newRouter(queries))
  return (
    <QueryClientProvider client={queries}>
      <MantineProvider
        theme={theme}
        defaultColorScheme="auto"
        cssVariablesResolver={variables}
        getStyleNonce={() => nonce}
      >
        <ModalsProvider>
          <Notifications position="bottom-right" />
          <LiveProvider>
            <RouterProvider router={router} />
          </LiveProvider>
        </ModalsProvider>
      </MantineProvider>
    </QueryClientProvider>
  )
}
