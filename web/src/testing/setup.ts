import '@testing-library/jest-dom/vitest'
import { notifications } from '@mantine/notifications'
import { cleanup, configure } from '@testing-library/react'
import { afterEach, vi } from 'vitest'

// A slow machine is not a failure.
configure({ asyncUtilTimeout: 15_000 })

// Browser features that Mantine needs and jsdom lacks.
globalThis.matchMedia ??= query =>
  ({ matches: false, media: query, addEventListener() {}, removeEventListener() {} }) as unknown as MediaQueryList
globalThis.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
}
Element.prototype.scrollIntoView ??= () => {}
if (!document.fonts) Object.defineProperty(document, 'fonts', { value: new EventTarget() }) // of fields that grow

// Files that run in one thread share the packages and the document, and nothing else: the page's modules are fresh for each
// file, and each test leaves the document as it found it.
vi.resetModules()
afterEach(() => {
  cleanup()
  notifications.clean()
  notifications.cleanQueue()
  document.body.replaceChildren()
  localStorage.clear()
  sessionStorage.clear()
})
