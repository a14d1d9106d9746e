package ecs

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/smithy-go"
)

// filter is how far a log has been read with FilterLogEvents. The rights that v4 documents have this call and not GetLogEvents, which
// is cheaper and has a place to go on from.
type filter struct {
	on   bool
	at   int64           // time of the last events, in milliseconds since 1970
	seen map[string]bool // the ids of those
}

// denied reports whether the credentials may not do what was asked.
func denied(err error) bool {
	var said smithy.APIError
	return errors.As(err, &said) && said.ErrorCode() == "AccessDeniedException"
}

// change begins to read the log with FilterLogEvents, from its start. What was passed on is skipped. why is the refusal of the other
// call; it is what people hear of if this one is refused too.
func (d *reader) change(ctx context.Context, api *cloudwatchlogs.Client, stream string, why error) bool {
	d.filter.on, d.filter.seen = true, make(map[string]bool)
	d.skip, d.at = max(d.skip, d.at), 0
	return d.filtered(ctx, api, stream, why)
}

// filtered reads all that is new. It reports whether the log can be read at all.
func (d *reader) filtered(ctx context.Context, api *cloudwatchlogs.Client, stream string, why error) bool {
	in := &cloudwatchlogs.FilterLogEventsInput{
		LogGroupName: aws.String(d.Log.Group), LogStreamNames: []string{stream}, StartTime: aws.Int64(d.filter.at),
	}
	for empty := 0; empty < maxEmpty; {
		page, err := api.FilterLogEvents(ctx, in)
		if denied(err) && why != nil {
			err = why
		}
		if err != nil {
			return d.unread(ctx, err)
		}
		var lines []byte
		for _, e := range page.Events {
			at, id := aws.ToInt64(e.Timestamp), aws.ToString(e.EventId)
			if at > d.filter.at {
				d.filter.at = at
				clear(d.filter.seen)
			}
			if !d.filter.seen[id] {
				d.filter.seen[id] = true
				lines = append(append(lines, aws.ToString(e.Message)...), '\n')
			}
		}
		d.pass(lines)
		if empty++; len(page.Events) > 0 {
			empty = 0
		}
		if in.NextToken = page.NextToken; in.NextToken == nil {
			break
		}
	}
	return true
}
