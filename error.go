package dkron

import (
	"errors"
	"fmt"
)

// The kinds of errors. Every expected error that leaves a room wraps one of them; each door has one table from kind to
// its own code.
var (
	ErrInvalid     = errors.New("invalid")                        // the request itself is wrong; the text says how
	ErrNotFound    = errors.New("not found")                      // no such job, launch or execution
	ErrNoParent    = errors.New("specified parent job not found") // parent_job names no job
	ErrConflict    = errors.New("conflict")                       // the state forbids it; the text says why
	ErrNoTarget    = errors.New("no live node matches the job's tags")
	ErrForbidden   = errors.New("forbidden")                                // the client may not do it; the text names what is missing
	ErrPaused      = errors.New("New job submissions are currently paused") //nolint:staticcheck // the public API's words
	ErrNoLeader    = errors.New("no cluster leader; try again shortly")
	ErrForeign     = errors.New("another cluster") // the other node belongs to another cluster
	ErrUnavailable = errors.New("unavailable")     // outcome unknown or storage refused; try again
)

// Error returns an error of the given kind; its text is the format's, without the kind's text.
func Error(kind error, format string, args ...any) error {
	return &kindError{kind, fmt.Errorf(format, args...)}
}

// Conflict returns an ErrConflict; its text is the format's.
func Conflict(format string, args ...any) error { return Error(ErrConflict, format, args...) }

// Invalid returns an ErrInvalid; its text is the format's.
func Invalid(format string, args ...any) error { return Error(ErrInvalid, format, args...) }

type kindError struct {
	kind error
	err  error
}

func (e *kindError) Error() string   { return e.err.Error() }
func (e *kindError) Unwrap() []error { return []error{e.kind, e.err} }
