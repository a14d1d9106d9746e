package jobform

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"dkron"
	"dkron/internal/respond"
)

// Body is a job as a client sends it.
type Body struct {
	Job     dkron.Job
	Unknown []string // names of unknown fields

	// Previous progress. A restore uses it all; a write that creates the job uses all but the status.
	successes, failures    int64
	lastSuccess, lastError time.Time
	status                 dkron.Status
}

// Decode reads a job's object. Read-only fields are type-checked and ignored, so that a job that was read can be sent
// back.
func Decode(object json.RawMessage) (*Body, error) {
	b := &Body{Job: dkron.Job{Concurrency: dkron.Allow}}
	return b, b.decode(object)
}

// Progress returns the body's counters and last times.
func (b *Body) Progress() (dkron.Progress, error) {
	for name, n := range map[string]int64{"success_count": b.successes, "error_count": b.failures} {
		if n < 0 {
			return dkron.Progress{}, fmt.Errorf("%s must not be negative, got %d", name, n)
		}
	}
	return dkron.Progress{
		SuccessCount: uint64(b.successes), ErrorCount: uint64(b.failures), LastSuccess: b.lastSuccess, LastError: b.lastError,
	}, nil
}

func (b *Body) decode(object json.RawMessage) error {
	return eachField(object, b.set)
}

// set reads one field. An error begins with the field.
func (b *Body) set(key string, value json.RawMessage) error {
	set, ok := jobFields[strings.ToLower(key)]
	if !ok {
		b.Unknown = append(b.Unknown, key)
		return nil
	}
	if string(value) == "null" {
		return nil // as if not sent
	}
	if err := set(b, value); err != nil {
		return fmt.Errorf("%s%w", strings.ToLower(key), err)
	}
	return nil
}

// setter sets one field. Its error text continues the field's name.
type setter func(b *Body, value json.RawMessage) error

// jobFields is all fields of a job, in lower case.
var jobFields = map[string]setter{
	"name":            text(func(b *Body) *string { return &b.Job.Name }),
	"displayname":     text(func(b *Body) *string { return &b.Job.DisplayName }),
	"timezone":        text(func(b *Body) *string { return &b.Job.Timezone }),
	"schedule":        text(func(b *Body) *string { return &b.Job.Schedule }),
	"owner":           text(func(b *Body) *string { return &b.Job.Owner }),
	"owner_email":     text(func(b *Body) *string { return &b.Job.OwnerEmail }),
	"parent_job":      text(func(b *Body) *string { return &b.Job.ParentJob }),
	"executor":        text(func(b *Body) *string { return &b.Job.Executor }),
	"concurrency":     text(func(b *Body) *dkron.Concurrency { return &b.Job.Concurrency }),
	"disabled":        flag(func(b *Body) *bool { return &b.Job.Disabled }),
	"ephemeral":       flag(func(b *Body) *bool { return &b.Job.Ephemeral }),
	"retry_lost":      flag(func(b *Body) *bool { return &b.Job.RetryLost }),
	"tags":            pairs(func(b *Body) *map[string]string { return &b.Job.Tags }),
	"metadata":        pairs(func(b *Body) *map[string]string { return &b.Job.Metadata }),
	"executor_config": pairs(func(b *Body) *map[string]string { return &b.Job.ExecutorConfig }),
	"starts_at":       moment(func(b *Body) *time.Time { return &b.Job.StartsAt }),
	"expires_at":      moment(func(b *Body) *time.Time { return &b.Job.ExpiresAt }),
	"retries":         retries,
	"retry_on":        text(func(b *Body) *dkron.RetryOn { return &b.Job.RetryOn }),
	"retry_backoff":   retryBackoff,
	"queue_limit":     count(func(b *Body) *uint64 { return &b.Job.QueueLimit }),
	"parents":         parents,
	"parents_join":    text(func(b *Body) *dkron.Join { return &b.Job.Join }),
	"history":         retention,
	"confirm":         flag(func(b *Body) *bool { return &b.Job.Confirm }),
	"notes":           text(func(b *Body) *string { return &b.Job.Notes }),
	"channels":        value("an array of strings", func(b *Body) *[]string { return &b.Job.Channels }),
	"objectives":      objectives,
	"processors":      processors,
	"catchup":         catchup,
	"dst":             dst,

	// Read-only, except in a restore and, for counters and last times, at the creation.
	"id":             text(discard[string]),
	"status":         text(func(b *Body) *dkron.Status { return &b.status }),
	"updated_by":     text(discard[string]),
	"queued":         value("an integer", discard[int64]),
	"running":        value("an integer", discard[int64]),
	"success_count":  value("an integer", func(b *Body) *int64 { return &b.successes }),
	"error_count":    value("an integer", func(b *Body) *int64 { return &b.failures }),
	"last_success":   moment(func(b *Body) *time.Time { return &b.lastSuccess }),
	"last_error":     moment(func(b *Body) *time.Time { return &b.lastError }),
	"dependent_jobs": value("an array of strings", discard[[]string]),
	"next":           value("an RFC 3339 time or null", discard[time.Time]),
	"created_at":     value("an RFC 3339 time or null", discard[time.Time]),
	"updated_at":     value("an RFC 3339 time or null", discard[time.Time]),
	"revision":       value("an integer", discard[int64]),
	"schedule_text":  text(discard[string]),
	"launch_id":      text(discard[string]),

	"health":          text(discard[string]),
	"health_since":    value("an RFC 3339 time or null", discard[time.Time]),
	"failure_streak":  value("an integer", discard[int64]),
	"stopped_count":   value("an integer", discard[int64]),
	"last_launch":     value("an object or null", discard[json.RawMessage]),
	"checkin":         value("an object or null", discard[json.RawMessage]),
	"recent_launches": value("an array", discard[json.RawMessage]),
}

// Fields whose values are objects or lists are in decode_policy.go.

func discard[T any](*Body) *T { return new(T) }

func wrong(want string, value json.RawMessage) error {
	return fmt.Errorf(" must be %s, not %s", want, describe(value))
}

func value[T any](want string, at func(*Body) *T) setter {
	return func(b *Body, raw json.RawMessage) error {
		var v T
		if json.Unmarshal(raw, &v) != nil {
			return wrong(want, raw)
		}
		*at(b) = v
		return nil
	}
}

func text[T ~string](at func(*Body) *T) setter { return value("a string", at) }

func flag(at func(*Body) *bool) setter { return value("true or false", at) }

// moment reads RFC 3339 or the value of a browser's date field, taken as UTC.
func moment(at func(*Body) *time.Time) setter {
	const want = `null, an RFC 3339 time such as "2026-01-31T08:00:00Z", or YYYY-MM-DDTHH:MM in UTC`
	return func(b *Body, raw json.RawMessage) error {
		var s string
		if json.Unmarshal(raw, &s) != nil {
			return wrong(want, raw)
		}
		t, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t, err = time.Parse("2006-01-02T15:04", s)
		}
		if t = t.UTC(); err != nil || t.Year() < 1 || t.Year() > 9999 {
			return wrong(want, raw)
		}
		*at(b) = t
		return nil
	}
}

func retries(b *Body, raw json.RawMessage) error {
	n, err := strconv.ParseUint(string(raw), 10, 32)
	if err != nil {
		return wrong("an integer from 0 to 4294967295", raw)
	}
	b.Job.Retries = uint32(n)
	return nil
}

// pairs reads an object of strings; an empty one counts as none.
func pairs(at func(*Body) *map[string]string) setter {
	return func(b *Body, raw json.RawMessage) error {
		m, err := readPairs(raw)
		if len(m) == 0 {
			m = nil
		}
		*at(b) = m
		return err
	}
}

func readPairs(raw json.RawMessage) (map[string]string, error) {
	if raw[0] != '{' {
		return nil, wrong("an object of strings", raw)
	}
	m := make(map[string]string)
	err := eachField(raw, func(key string, value json.RawMessage) error {
		var s string
		if json.Unmarshal(value, &s) != nil {
			return inside(key, wrong("a string", value))
		}
		m[key] = s
		return nil
	})
	return m, err
}

// inside prefixes an error text with a key.
func inside(key string, err error) error { return fmt.Errorf(".%s%w", respond.Shorten(key), err) }

func processors(b *Body, raw json.RawMessage) error {
	if raw[0] != '{' {
		return wrong("an object of objects of strings", raw)
	}
	b.Job.Processors = nil
	return eachField(raw, func(key string, value json.RawMessage) error {
		var config map[string]string
		if string(value) != "null" {
			var err error
			if config, err = readPairs(value); err != nil {
				return inside(key, err)
			}
		}
		if b.Job.Processors == nil {
			b.Job.Processors = make(map[string]map[string]string)
		}
		b.Job.Processors[key] = filled(config)
		return nil
	})
}

func catchup(b *Body, raw json.RawMessage) error {
	b.Job.Catchup = dkron.Catchup{}
	var window string
	err := members(b, "catchup", raw, map[string]setter{
		"policy": text(func(b *Body) *dkron.CatchupPolicy { return &b.Job.Catchup.Policy }),
		"window": text(func(*Body) *string { return &window }),
	})
	if err != nil || window == "" {
		return err
	}
	if b.Job.Catchup.Window, err = time.ParseDuration(window); err != nil {
		return errors.New(".window must be a duration such as \"90s\" or \"1h30m\", not " + strconv.Quote(respond.Shorten(window)))
	}
	return nil
}

func dst(b *Body, raw json.RawMessage) error {
	b.Job.DST = dkron.DST{}
	return members(b, "dst", raw, map[string]setter{
		"gap":     text(func(b *Body) *string { return &b.Job.DST.Gap }),
		"overlap": text(func(b *Body) *string { return &b.Job.DST.Overlap }),
	})
}

// members reads an object that is part of a job.
func members(b *Body, name string, raw json.RawMessage, fields map[string]setter) error {
	if raw[0] != '{' {
		return wrong("an object", raw)
	}
	return eachField(raw, func(key string, value json.RawMessage) error {
		set, ok := fields[strings.ToLower(key)]
		switch {
		case !ok:
			b.Unknown = append(b.Unknown, name+"."+key)
			return nil
		case string(value) == "null":
			return nil
		}
		if err := set(b, value); err != nil {
			return inside(key, err)
		}
		return nil
	})
}
