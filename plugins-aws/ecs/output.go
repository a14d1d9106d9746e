package ecs

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"dkron/plugin/keys"
)

// maxEmpty is how many pages in a row may have nothing.
const maxEmpty = 100

// reader reads the task's log from its beginning, page by page, and passes it on.
type reader struct {
	*run
	over <-chan struct{} // closed when the task has ended

	at     int64 // in the log
	filter filter
	passed atomic.Int64 // the same, for others
	warned bool
}

// learn notes the name of the log's stream, which may have the id of the container. Only the first name counts.
func (r *run) learn(c *ecstypes.Container) {
	name := ""
	switch {
	case r.Log.Group == "":
		return
	case r.Log.Prefix != "":
		name = r.Log.Prefix + "/" + r.Container + "/" + r.id()
	case c != nil:
		name = aws.ToString(c.RuntimeId)
	}
	if name != "" {
		select {
		case r.stream <- name:
		default:
		}
	}
}

// read reads the log until nothing more has come for some time after the task's end.
func (d *reader) read(ctx context.Context) {
	if d.Log.Group == "" {
		return
	}
	var stream string
	select {
	case stream = <-d.stream:
	case <-d.over:
		select {
		case stream = <-d.stream:
		default:
			return // its container never ran
		}
	case <-ctx.Done():
		return
	}
	api := d.api.logs
	if d.Log.Region != "" && d.Log.Region != d.api.region {
		api = d.api.logsIn(d.Log.Region)
	}
	var token *string
	var last time.Time // when something came after the task's end
	settle := d.executor.limits.settle
	for {
		before := d.at
		var goOn bool
		if d.filter.on {
			goOn = d.filtered(ctx, api, stream, nil)
		} else {
			token, goOn = d.pages(ctx, api, stream, token)
		}
		if !goOn || ctx.Err() != nil {
			return
		}
		if closed(d.over) {
			now := time.Now()
			if last.IsZero() || d.at > before {
				last = now
			} else if now.Sub(last) >= settle {
				return
			}
			if !sleep(ctx, min(settle/4, d.poll)) {
				return
			}
			continue
		}
		select {
		case <-time.After(d.poll):
		case <-d.over:
		case <-ctx.Done():
			return
		}
	}
}

// pages reads all pages that there are after token. It reports whether the log can be read at all.
func (d *reader) pages(ctx context.Context, api *cloudwatchlogs.Client, stream string, token *string) (*string, bool) {
	for empty := 0; empty < maxEmpty; {
		page, err := api.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{
			LogGroupName: aws.String(d.Log.Group), LogStreamName: aws.String(stream), StartFromHead: aws.Bool(true), NextToken: token,
		})
		if denied(err) {
			return nil, d.change(ctx, api, stream, err)
		}
		if err != nil {
			return token, d.unread(ctx, err)
		}
		var lines []byte
		for _, e := range page.Events {
			lines = append(append(lines, aws.ToString(e.Message)...), '\n')
		}
		d.pass(lines)
		if empty++; len(page.Events) > 0 {
			empty = 0
		}
		if page.NextForwardToken == nil || token != nil && *token == *page.NextForwardToken {
			return token, true
		}
		token = page.NextForwardToken
	}
	return token, true
}

// unread says once why the log can't be read, and reports whether that may change.
func (d *reader) unread(ctx context.Context, err error) bool {
	missing := (*types.ResourceNotFoundException)(nil)
	if errors.As(err, &missing) || !definite(err) || ctx.Err() != nil {
		return true // the stream appears with its first line
	}
	if !d.warned {
		d.warned = true
		warning := "Warning: the output can't be read: " + text(err)
		if advice := d.advice(err); advice != "" {
			warning += "; " + advice
		}
		d.say("%s.\n", warning)
		_ = d.note() // a later process must not take it for a part of the log
	}
	return false
}

// pass writes what the agent does not have yet.
func (d *reader) pass(chunk []byte) {
	old := max(0, min(d.skip-d.at, int64(len(chunk))))
	d.at += int64(len(chunk))
	d.passed.Store(d.at)
	if chunk = chunk[old:]; len(chunk) > 0 {
		d.out.Write(chunk, false)
	}
}

// drain waits until the log has been read. Much of it may take long, so only one that brings nothing new is given up.
func (d *reader) drain(ctx context.Context, read <-chan struct{}, cancel func()) {
	patience := d.executor.limits.drain
	stopped := ctx.Err() != nil && !errors.Is(context.Cause(ctx), keys.ErrTimedOut) // the agent waits for us
	if stopped {
		patience = min(patience, d.executor.limits.stop/8)
	}
	for {
		before := d.passed.Load()
		select {
		case <-read:
			return
		case <-time.After(patience):
			if d.passed.Load() == before || stopped {
				cancel()
				<-read
				return
			}
		}
	}
}
