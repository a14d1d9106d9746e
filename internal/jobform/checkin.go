package jobform

import (
	"encoding/json"
	"io"
	"net/url"
	"strconv"
	"time"

	"dkron"
)

// reporting sets one field of a check-in. Its error names the field.
type reporting func(c *reported, text string) error

// reported is a check-in that is read.
type reported struct {
	dkron.CheckIn
	exit  *int64
	state bool // whether the client has written it
}

// reports are the fields of a check-in, but for the exit code and the output.
var reports = map[string]reporting{
	"state": func(c *reported, text string) error {
		c.State, c.state = dkron.CheckInState(text), true
		return nil
	},
	"from":  func(c *reported, text string) error { c.From = text; return nil },
	"id":    func(c *reported, text string) error { c.ID = text; return nil },
	"error": func(c *reported, text string) error { c.Error = text; return nil },
	"started_at": func(c *reported, text string) (err error) {
		if c.StartedAt, err = time.Parse(time.RFC3339, text); err != nil {
			return dkron.Invalid(`started_at must be an RFC 3339 time such as "2026-01-31T08:00:00Z", not %.64q`, text)
		}
		c.StartedAt = c.StartedAt.UTC()
		return nil
	},
}

// ReadCheckIn reads a check-in from the query of a request, whose body is the output, or from an object of JSON in it. What the
// object has counts.
func ReadCheckIn(query url.Values, body io.Reader, object bool) (*dkron.CheckIn, error) {
	var c reported
	for name, set := range reports {
		if !query.Has(name) {
			continue
		}
		if err := set(&c, query.Get(name)); err != nil {
			return nil, err
		}
	}
	if query.Has("exit_code") {
		if err := c.setExit(query.Get("exit_code"), strconv.Quote(query.Get("exit_code"))); err != nil {
			return nil, err
		}
	}
	var err error
	if object {
		err = c.readObject(body)
	} else {
		var output dkron.Collected
		_, err = io.Copy(&output, body)
		c.Output, c.Size = output.Kept()
	}
	if err == nil {
		err = c.conclude()
	}
	return &c.CheckIn, err
}

func (c *reported) setExit(text, shown string) error {
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return dkron.Invalid("exit_code must be an integer such as 0 or 1, not %.64s", shown)
	}
	c.exit = &n
	return nil
}

func (c *reported) readObject(body io.Reader) error {
	object, err := ReadObject(body)
	if err != nil {
		return err
	}
	return eachField(object, func(key string, value json.RawMessage) error {
		if string(value) == "null" {
			return nil
		}
		if key == "exit_code" {
			return c.setExit(string(value), describe(value))
		}
		set := reports[key]
		if set == nil && key != "output" {
			return dkron.Invalid("%.64q is not a field of a check-in; use state, exit_code, from, started_at, id, error and output", key)
		}
		var text string
		if json.Unmarshal(value, &text) != nil {
			return dkron.Invalid("%s must be a string, not %s", key, describe(value))
		}
		if set != nil {
			return set(c, text)
		}
		var output dkron.Collected
		_, _ = output.Write([]byte(text))
		c.Output, c.Size = output.Kept()
		return nil
	})
}

// conclude brings the state, the exit code and the error together.
func (c *reported) conclude() error {
	if !c.state {
		c.State = dkron.CheckInSuccess
		if c.exit != nil && *c.exit != 0 || c.exit == nil && c.Error != "" {
			c.State = dkron.CheckInFail
		}
	}
	failed := c.State == dkron.CheckInFail
	switch {
	case c.exit != nil && (c.State == dkron.CheckInStart || failed == (*c.exit == 0)):
		return dkron.Invalid("exit_code %d does not go with state %s; leave one of them out", *c.exit, c.State)
	case c.Error != "" && !failed:
		return dkron.Invalid("error does not go with state %s; it is why a run failed", c.State)
	case c.exit != nil:
		c.ExitCode = &dkron.ExitCode{Code: *c.exit}
	}
	if c.State == dkron.CheckInStart {
		c.Output, c.Size = nil, 0
	}
	return nil
}
