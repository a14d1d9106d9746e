package notify

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"dkron"
)

// cronitor reports starts and ends to the service of that name, or to one with the same telemetry API.
type cronitor struct {
	endpoint string
	options  *Options
}

func (c *cronitor) send(ctx context.Context, n *dkron.Notice) error {
	e := n.Execution
	state, message := "run", "Job run by Dkron"
	if n.Kind == dkron.DeliverEnd {
		state, message = "fail", "Job complete by Dkron"
		if e.Outcome == dkron.Success {
			state = "complete"
		}
	}
	query := url.Values{"host": {e.NodeName}, "message": {message}, "series": {e.ID()}, "state": {state}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.endpoint+"/"+url.PathEscape(e.JobName)+"?"+query.Encode(), nil)
	if err != nil {
		return errors.New("the address can't be called")
	}
	return c.options.call(req, n)
}
