package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	neturl "net/url"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

const (
	auditPage  = 1000 // most records of an answer
	followEach = time.Second
)

// auditFollower prints records as they come.
type auditFollower struct {
	k     *noticeClient
	c     *cobra.Command
	query neturl.Values
	json  bool

	begun  map[string]bool // ids of the records that it has begun with
	silent bool            // no node has answered the last time
}

// run prints what there is and then what comes, until the command is interrupted, which is no error.
func (f *auditFollower) run() error {
	ctx, stop := signal.NotifyContext(f.c.Context(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	_, after, err := f.page(ctx, "after", "")
	if err != nil {
		return err
	}
	list, _, err := f.page(ctx, "", "") // after the mark, so that nothing is between the two
	if err != nil {
		return err
	}
	slices.Reverse(list)
	if !f.json {
		writeFollowed(f.c.OutOrStdout(), []string{"At", "Who", "From", "Action", "What", "Detail"})
	}
	if err := f.print(list); err != nil {
		return err
	}
	f.begun = make(map[string]bool)
	for _, raw := range list {
		f.begun[idOf(raw)] = true
	}
	f.query.Set("limit", fmt.Sprint(auditPage))
	for pause := time.Duration(0); wait(ctx, pause); pause = followEach {
		list, next, err := f.page(ctx, "after", after)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.As(err, new(*unready)):
			if !f.silent {
				fmt.Fprintf(f.c.ErrOrStderr(), "%v; trying again\n", err)
			}
			f.silent = true
			continue
		case err != nil:
			return err
		}
		f.silent, after = false, next
		list = slices.DeleteFunc(list, func(raw json.RawMessage) bool { return f.begun[idOf(raw)] })
		if err := f.print(list); err != nil {
			return err
		}
	}
	return nil
}

// wait returns false if the command is interrupted meanwhile.
func wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// unready is why there is no answer now.
type unready struct{ error }

func (e *unready) Unwrap() error { return e.error }

// page asks for a page of records, and returns the value of next.
func (f *auditFollower) page(ctx context.Context, parameter, value string) (list []json.RawMessage, next string, err error) {
	query := f.query
	if parameter != "" {
		query = make(neturl.Values)
		for name, values := range f.query {
			query[name] = values
		}
		query.Set(parameter, value)
	}
	status, text, err := f.k.sendAs(ctx, f.c, "GET", f.k.path+"?"+query.Encode(), "application/json", nil)
	switch {
	case err != nil && status == 0:
		return nil, "", &unready{err}
	case err != nil:
		return nil, "", err
	case status >= 500 || status == 429:
		return nil, "", &unready{errors.New(strings.TrimSpace(string(text)))}
	case status != 200:
		return nil, "", errors.New(strings.TrimSpace(string(text)))
	}
	var page struct {
		Records []json.RawMessage
		Next    string
	}
	if err := json.Unmarshal(text, &page); err != nil {
		return nil, "", fmt.Errorf("the answer is not a page of records: %w", err)
	}
	return page.Records, page.Next, nil
}

func idOf(raw json.RawMessage) string {
	var r struct{ ID string }
	_ = json.Unmarshal(raw, &r)
	return r.ID
}

func (f *auditFollower) print(list []json.RawMessage) error {
	for _, raw := range list {
		if f.json {
			if _, err := fmt.Fprintf(f.c.OutOrStdout(), "%s\n", raw); err != nil {
				return err
			}
			continue
		}
		var r audited
		if err := json.Unmarshal(raw, &r); err != nil {
			return fmt.Errorf("the answer is not a page of records: %w", err)
		}
		writeFollowed(f.c.OutOrStdout(), r.cells())
	}
	return nil
}

// followedWidths is how wide the columns of lines are that come one by one.
var followedWidths = []int{30, 16, 15, 16, 24}

func writeFollowed(w io.Writer, cells []string) {
	var line strings.Builder
	for i, cell := range cells {
		if i < len(followedWidths) {
			cell = fmt.Sprintf("%-*s  ", followedWidths[i], cell)
		}
		line.WriteString(cell)
	}
	fmt.Fprintln(w, strings.TrimRight(line.String(), " "))
}
