// Sets the colour scheme before anything is painted. A file of its own, since the content security policy allows no
// inline script.
;(function () {
  var chosen
  try {
    chosen = localStorage.getItem('mantine-color-scheme-value')
  } catch {
    // No storage: use the system's.
  }
  var dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light')
})()
