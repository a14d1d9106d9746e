package jobform

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"dkron"
)

// DecodeSettings reads the settings' object. Settings that are not sent get their default.
func DecodeSettings(object json.RawMessage) (dkron.Settings, []string, error) {
	s, b := dkron.DefaultSettings(), new(Body)
	var ignored bool
	err := eachField(object, func(key string, value json.RawMessage) error {
		if !strings.EqualFold(key, "history") {
			b.Unknown = append(b.Unknown, key)
			return nil
		}
		s = dkron.DefaultSettings()
		if string(value) == "null" {
			return nil
		}
		err := members(b, "history", value, map[string]setter{
			"count":       count(func(*Body) *uint64 { return &s.History.Count }),
			"age":         duration(func(*Body) *time.Duration { return &s.History.Age }, &ignored),
			"bytes":       count(func(*Body) *uint64 { return &s.History.Bytes }),
			"total_bytes": count(func(*Body) *uint64 { return &s.TotalBytes }),
		})
		if err != nil {
			return fmt.Errorf("history%w", err)
		}
		return nil
	})
	return s, b.Unknown, err
}
