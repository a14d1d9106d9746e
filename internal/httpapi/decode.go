package httpapi

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

// jobBody is a job as a client sends it.
type jobBody struct {
	job     dkron.Job
	unknown []string // fields that mean nothing here

	// What had become of it. A restore takes it over, and a write that creates the job all but the status.
	successes, failures    int64
	lastSuccess, lastError time.Time
	status                 dkron.Status
}

// decodeJob reads the object of a job. What a client may not write is checked for its type and then ignored, so that a
// job that was read can be sent back.
func decodeJob(object json.RawMessage) (*jobBody, error) {
	b := &jobBody{job: dkron.Job{Concurrency: dkron.Allow}}
	return b, b.decode(object)
}

// progress returns what had become of the job.
func (b *jobBody) progress() (dkron.Progress, error) {
	for name, n := range map[string]int64{"success_count": b.successes, "error_count": b.failures} {
		if n < 0 {
			return dkron.Progress{}, fmt.Errorf("%s must not be negative, got %d", name, n)
		}
	}
	return dkron.Progress{
		SuccessCount: uint64(b.successes), ErrorCount: uint64(b.failures), LastSuccess: b.lastSuccess, LastError: b.lastError,
	}, nil
}

func (b *jobBody) decode(object json.RawMessage) error {
	return eachField(object, func(key string, value json.RawMessage) error {
		set, ok := jobFields[strings.ToLower(key)]
		if !ok {
			b.unknown = append(b.unknown, key)
			return nil
		}
		if string(value) == "null" {
			return nil // the same as not sent
		}
		if err := set(b, value); err != nil {
			return fmt.Errorf("%s%w", strings.ToLower(key), err)
		}
		return nil
	})
}

// setter reads one field. The text of its error continues the field's name.
type setter func(b *jobBody, value json.RawMessage) error

// jobFields is every field of a job, in lower case.
var jobFields = map[string]setter{
	"name":            text(func(b *jobBody) *string { return &b.job.Name }),
	"displayname":     text(func(b *jobBody) *string { return &b.job.DisplayName }),
	"timezone":        text(func(b *jobBody) *string { return &b.job.Timezone }),
	"schedule":        text(func(b *jobBody) *string { return &b.job.Schedule }),
	"owner":           text(func(b *jobBody) *string { return &b.job.Owner }),
	"owner_email":     text(func(b *jobBody) *string { return &b.job.OwnerEmail }),
	"parent_job":      text(func(b *jobBody) *string { return &b.job.ParentJob }),
	"executor":        text(func(b *jobBody) *string { return &b.job.Executor }),
	"concurrency":     text(func(b *jobBody) *dkron.Concurrency { return &b.job.Concurrency }),
	"disabled":        flag(func(b *jobBody) *bool { return &b.job.Disabled }),
	"ephemeral":       flag(func(b *jobBody) *bool { return &b.job.Ephemeral }),
	"retry_lost":      flag(func(b *jobBody) *bool { return &b.job.RetryLost }),
	"tags":            pairs(func(b *jobBody) *map[string]string { return &b.job.Tags }),
	"metadata":        pairs(func(b *jobBody) *map[string]string { return &b.job.Metadata }),
	"executor_config": pairs(func(b *jobBody) *map[string]string { return &b.job.ExecutorConfig }),
	"starts_at":       moment(func(b *jobBody) *time.Time { return &b.job.StartsAt }),
	"expires_at":      moment(func(b *jobBody) *time.Time { return &b.job.ExpiresAt }),
	"retries":         retries,
	"retry_on":        text(func(b *jobBody) *dkron.RetryOn { return &b.job.RetryOn }),
	"retry_backoff":   retryBackoff,
	"queue_limit":     count(func(b *jobBody) *uint64 { return &b.job.QueueLimit }),
	"parents":         parents,
	"parents_join":    text(func(b *jobBody) *dkron.Join { return &b.job.Join }),
	"history":         history,
	"processors":      processors,
	"catchup":         catchup,
	"dst":             dst,

	// Read-only, but for a restore and, of counters and last times, the creation.
	"id":             text(discard[string]),
	"status":         text(func(b *jobBody) *dkron.Status { return &b.status }),
	"updated_by":     text(discard[string]),
	"queued":         value("an integer", discard[int64]),
	"running":        value("an integer", discard[int64]),
	"success_count":  value("an integer", func(b *jobBody) *int64 { return &b.successes }),
	"error_count":    value("an integer", func(b *jobBody) *int64 { return &b.failures }),
	"last_success":   moment(func(b *jobBody) *time.Time { return &b.lastSuccess }),
	"last_error":     moment(func(b *jobBody) *time.Time { return &b.lastError }),
	"dependent_jobs": value("an array of strings", discard[[]string]),
	"next":           value("an RFC 3339 time or null", discard[time.Time]),
	"created_at":     value("an RFC 3339 time or null", discard[time.Time]),
	"updated_at":     value("an RFC 3339 time or null", discard[time.Time]),
	"revision":       value("an integer", discard[int64]),
	"schedule_text":  text(discard[string]),
	"launch_id":      text(discard[string]),
}

// Fields that are objects or lists of their own are in decode_policy.go.

func discard[T any](*jobBody) *T { return new(T) }

func wrong(want string, value json.RawMessage) error {
	return fmt.Errorf(" must be %s, not %s", want, describe(value))
}

func value[T any](want string, at func(*jobBody) *T) setter {
	return func(b *jobBody, raw json.RawMessage) error {
		var v T
		if json.Unmarshal(raw, &v) != nil {
			return wrong(want, raw)
		}
		*at(b) = v
		return nil
	}
}

func text[T ~string](at func(*jobBody) *T) setter { return value("a string", at) }

func flag(at func(*jobBody) *bool) setter { return value("true or false", at) }

// moment reads RFC 3339 or what a browser's date field gives, which is taken as UTC.
func moment(at func(*jobBody) *time.Time) setter {
	const want = `null, an RFC 3339 time such as "2026-01-31T08:00:00Z", or YYYY-MM-DDTHH:MM in UTC`
	return func(b *jobBody, raw json.RawMessage) error {
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

func retries(b *jobBody, raw json.RawMessage) error {
	n, err := strconv.ParseUint(string(raw), 10, 32)
	if err != nil {
		return wrong("an integer from 0 to 4294967295", raw)
	}
	b.job.Retries = uint32(n)
	return nil
}

// pairs reads an object of strings; an empty one is the same as none.
func pairs(at func(*jobBody) *map[string]string) setter {
	return func(b *jobBody, raw json.RawMessage) error {
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

// inside puts a key before an error, whose text continues it.
func inside(key string, err error) error { return fmt.Errorf(".%s%w", respond.Shorten(key), err) }

func processors(b *jobBody, raw json.RawMessage) error {
	if raw[0] != '{' {
		return wrong("an object of objects of strings", raw)
	}
	b.job.Processors = nil
	return eachField(raw, func(key string, value json.RawMessage) error {
		var config map[string]string
		if string(value) != "null" {
			var err error
			if config, err = readPairs(value); err != nil {
				return inside(key, err)
			}
		}
		if b.job.Processors == nil {
			b.job.Processors = make(map[string]map[string]string)
		}
		b.job.Processors[key] = filled(config)
		return nil
	})
}

func catchup(b *jobBody, raw json.RawMessage) error {
	b.job.Catchup = dkron.Catchup{}
	var window string
	err := members(b, "catchup", raw, map[string]setter{
		"policy": text(func(b *jobBody) *dkron.CatchupPolicy { return &b.job.Catchup.Policy }),
		"window": text(func(*jobBody) *string { return &window }),
	})
	if err != nil || window == "" {
		return err
	}
	if b.job.Catchup.Window, err = time.ParseDuration(window); err != nil {
		return errors.New(".window must be a duration such as \"90s\" or \"1h30m\", not " + strconv.Quote(respond.Shorten(window)))
	}
	return nil
}

func dst(b *jobBody, raw json.RawMessage) error {
	b.job.DST = dkron.DST{}
	return members(b, "dst", raw, map[string]setter{
		"gap":     text(func(b *jobBody) *string { return &b.job.DST.Gap }),
		"overlap": text(func(b *jobBody) *string { return &b.job.DST.Overlap }),
	})
}

// members reads an object within a job.
func members(b *jobBody, name string, raw json.RawMessage, fields map[string]setter) error {
	if raw[0] != '{' {
		return wrong("an object", raw)
	}
	return eachField(raw, func(key string, value json.RawMessage) error {
		set, ok := fields[strings.ToLower(key)]
		switch {
		case !ok:
			b.unknown = append(b.unknown, name+"."+key)
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
