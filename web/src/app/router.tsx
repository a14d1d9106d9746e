import type { QueryClient } from '@tanstack/react-query'
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import { pageURL } from '@/api/client'
import { jobsSearch } from '@/pages/jobs/search'
import { jobSearch } from '@/pages/job/search'
import { launchSearch } from '@/pages/launch/search'
import { launchesSearch } from '@/pages/launches/search'
import { auditSearch } from '@/pages/audit/search'
import { newSearch } from '@/pages/edit/search'
import { notificationsSearch } from '@/pages/notifications/search'
import { secretsSearch } from '@/pages/secrets/search'
import { timelineSearch } from '@/pages/timeline/search'
import { part } from '@/ui/part'
import { readSearch, writeSearch } from './address'
import { NotFound } from './NotFound'
import { placeOf } from './oldLinks'
import { Shell } from './Shell'
import { Trouble } from './Trouble'

/** Every page: its address, its search parameters, and its code, loaded on demand. */

const root = createRootRouteWithContext<{ queries: QueryClient }>()({ component: Shell, notFoundComponent: NotFound })
const at = () => root

const routes = [
  createRoute({
    getParentRoute: at,
    path: '/',
    component: lazyRouteComponent(
      part(() => import('@/pages/overview/Overview')),
      'Overview',
    ),
  }),
  createRoute({
    getParentRoute: at,
    path: '/jobs',
    validateSearch: jobsSearch,
    component: lazyRouteComponent(
      part(() => import('@/pages/jobs/Jobs')),
      'Jobs',
    ),
  }),
  createRoute({
    getParentRoute: at,
    path: '/jobs/$job',
    validateSearch: jobSearch,
    component: lazyRouteComponent(
      part(() => import('@/pages/job/JobPage')),
      'JobPage',
    ),
  }),
  createRoute({
    getParentRoute: at,
    path: '/jobs/$job/edit',
    component: lazyRouteComponent(
      part(() => import('@/pages/edit/EditJob')),
      'EditJob',
    ),
  }),
  // Not below /jobs: there may be a job whose name is new.
  createRoute({
    getParentRoute: at,
    path: '/new',
    validateSearch: newSearch,
    component: lazyRouteComponent(
      part(() => import('@/pages/edit/NewJob')),
      'NewJob',
    ),
  }),
  createRoute({
    getParentRoute: at,
    path: '/launches',
    validateSearch: launchesSearch,
    component: lazyRouteComponent(
      part(() => import('@/pages/launches/Launches')),
      'Launches',
    ),
  }),
  createRoute({
    getParentRoute: at,
    path: '/launches/$launch',
    validateSearch: launchSearch,
    component: lazyRouteComponent(
      part(() => import('@/pages/launch/LaunchPage')),
      'LaunchPage',
    ),
  }),
  createRoute({
    getParentRoute: at,
    path: '/timeline',
    validateSearch: timelineSearch,
    component: lazyRouteComponent(
      part(() => import('@/pages/timeline/Timeline')),
      'Timeline',
    ),
  }),
  createRoute({
    getParentRoute: at,
    path: '/notifications',
    validateSearch: notificationsSearch,
    component: lazyRouteComponent(
      part(() => import('@/pages/notifications/Notifications')),
      'Notifications',
    ),
  }),
  createRoute({
    getParentRoute: at,
    path: '/nodes',
    component: lazyRouteComponent(
      part(() => import('@/pages/nodes/Nodes')),
      'Nodes',
    ),
  }),
  createRoute({
    getParentRoute: at,
    path: '/nodes/$node',
    component: lazyRouteComponent(
      part(() => import('@/pages/nodes/NodePage')),
      'NodePage',
    ),
  }),
  createRoute({
    getParentRoute: at,
    path: '/settings',
    component: lazyRouteComponent(
      part(() => import('@/pages/settings/Settings')),
      'Settings',
    ),
  }),
  createRoute({
    getParentRoute: at,
    path: '/settings/secrets',
    validateSearch: secretsSearch,
    component: lazyRouteComponent(
      part(() => import('@/pages/secrets/Secrets')),
      'Secrets',
    ),
  }),
  createRoute({
    getParentRoute: at,
    path: '/settings/audit',
    validateSearch: auditSearch,
    component: lazyRouteComponent(
      part(() => import('@/pages/audit/Audit')),
      'Audit',
    ),
  }),
] as const

const base = pageURL.pathname.replace(/\/$/, '')

/** Goes from an address of the page that this one replaces to ours. */
function followOldLink(go: (address: string) => void) {
  const place = placeOf(globalThis.location.hash)
  if (place !== undefined) go(base + place)
}

/** Follows old links that are opened in this tab; returns a function that stops it. */
export function followOldLinks({ history }: ReturnType<typeof newRouter>): () => void {
  const follow = () => followOldLink(address => history.replace(address))
  globalThis.addEventListener('hashchange', follow)
  return () => globalThis.removeEventListener('hashchange', follow)
}

export function newRouter(queries: QueryClient) {
  followOldLink(address => globalThis.history.replaceState(null, '', address))
  return createRouter({
    routeTree: root.addChildren(routes),
    basepath: pageURL.pathname,
    context: { queries },
    defaultPreload: 'intent',
    defaultErrorComponent: Trouble,
    scrollRestoration: true,
    parseSearch: readSearch,
    stringifySearch: writeSearch,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof newRouter>
  }
}
