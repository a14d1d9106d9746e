// Package mailtest has mail servers for tests: Exim, as the distribution has it, and servers that misbehave.
package mailtest

import "time"

// within is how long a server may take to do what is expected.
const within = 20 * time.Second
