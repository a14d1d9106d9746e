package keys

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"time"

	"dkron/plugin"
)

// ErrTimedOut is the cause of the end of a context whose execution took longer than its own timeout.
var ErrTimedOut = errors.New("timed out")

// Limit returns a context that ends after a timeout; 0 is none.
func Limit(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	if timeout <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeoutCause(ctx, timeout, ErrTimedOut)
}

// Failed is the response of an execution that failed with err. ctx is that of Limit: if it has ended, the response says
// so, and doing what, such as "connecting to kafka:9092". err may be the result of that end and then adds nothing.
func Failed(ctx context.Context, timeout time.Duration, doing string, err error) *plugin.ExecuteResponse {
	cause := context.Cause(ctx)
	switch {
	case cause == nil:
		return &plugin.ExecuteResponse{Error: err.Error()}
	case errors.Is(cause, ErrTimedOut):
		text := "timed out after " + plugin.InWords(timeout) + " while " + doing
		if err != nil && !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, ErrTimedOut) {
			text += ": " + err.Error()
		}
		return &plugin.ExecuteResponse{Error: text, TimedOut: true, Reason: "timed out after " + plugin.InWords(timeout)}
	case errors.Is(cause, plugin.ErrStopped):
		return &plugin.ExecuteResponse{Error: plugin.ErrStopped.Error() + " while " + doing}
	}
	return &plugin.ExecuteResponse{Error: fmt.Sprintf("stopped while %s: %v", doing, cause)}
}

// Shortage marks errors caused by a temporary lack of resources on the node. Nothing may have been sent.
func Shortage(err error) error {
	lookup := (*net.DNSError)(nil) // keeps only the text of what went wrong
	if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) ||
		errors.As(err, &lookup) && strings.Contains(lookup.Err, syscall.EMFILE.Error()) {
		return fmt.Errorf("%w: %w", plugin.ErrShortage, err)
	}
	return err
}
