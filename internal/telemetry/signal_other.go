//go:build !unix

package telemetry

import (
	"io"
	"log/slog"
)

// DumpOnSignal does nothing: this system has no such signal.
func (*Metrics) DumpOnSignal(io.Writer, *slog.Logger) (stop func()) { return func() {} }
