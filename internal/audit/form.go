package audit

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/jobform"
)

// Form is a record as clients read it.
type Form struct {
	ID     string    `json:"id"`
	At     time.Time `json:"at"`
	Index  *uint64   `json:"index"` // of the log entry; null: it is a server's own record
	Who    whoForm   `json:"who"`
	Server string    `json:"server"` // that was asked
	Action string    `json:"action"`
	Kind   string    `json:"kind"`
	Object string    `json:"object"`
	Job    string    `json:"job"` // that it is about; "": none
	Detail string    `json:"detail"`
	Before any       `json:"before"`
	After  any       `json:"after"`
	Cut    bool      `json:"cut"` // long texts in before and after are cut, or both are left out

	Refused bool   `json:"refused"`
	Status  uint64 `json:"status,omitempty"`   // of the answer
	Count   uint64 `json:"count,omitempty"`    // how many refused requests the record is about
	LeftOut bool   `json:"left_out,omitempty"` // those had no record
}

type whoForm struct {
	Name     string      `json:"name"`
	Accessor string      `json:"accessor"`
	How      dkron.Proof `json:"how"`
	Address  string      `json:"address"`
	Subject  string      `json:"subject,omitempty"`
}

// NewForm returns the form of a record.
func NewForm(r *Found) *Form {
	o := &r.Origin
	out := &Form{
		ID: r.ID, At: r.At.UTC(), Server: o.Server, Action: r.Action, Kind: string(r.Kind), Object: r.Object, Job: jobOf(&r.AuditRecord),
		Detail: r.Detail, Before: shown(r.Kind, r.Before), After: shown(r.Kind, r.After), Cut: r.Cut,
		Who: whoForm{o.Name, o.Accessor, o.How, o.Address, o.Subject}, Refused: Refused(&r.AuditRecord), Status: r.Status,
	}
	if r.Index != 0 {
		out.Index = &r.Index
	}
	if out.Refused {
		out.Count, out.LeftOut = max(1, r.Count, r.Left), r.Left > 0
	}
	return out
}

// shown returns an object as clients read it, without what every change changes. Null: there was none, or it can't be read.
func shown(kind dkron.AuditKind, raw []byte) any {
	if len(raw) == 0 {
		return nil
	}
	if kind == dkron.AuditJob {
		var j dkron.Job
		if codec.Decode(raw, &j) != nil {
			return nil
		}
		if d, err := jobform.Definition(&j); err == nil {
			return d
		}
		return nil
	}
	fresh := objects[kind]
	if fresh == nil {
		return nil
	}
	v := fresh()
	if codec.Decode(raw, v) != nil {
		return nil
	}
	if p, ok := v.(*dkron.Policy); ok && json.Valid([]byte(p.Rules)) {
		return map[string]any{"name": p.Name, "rules": json.RawMessage(p.Rules)}
	}
	return plain(reflect.ValueOf(v).Elem())
}

// objects is what is in a record of each kind.
var objects = map[dkron.AuditKind]func() codec.Message{
	dkron.AuditLaunch:   func() codec.Message { return new(dkron.Change) },
	dkron.AuditChannel:  func() codec.Message { return new(dkron.Channel) },
	dkron.AuditRule:     func() codec.Message { return new(dkron.Rule) },
	dkron.AuditSilence:  func() codec.Message { return new(dkron.Silence) },
	dkron.AuditPolicy:   func() codec.Message { return new(dkron.Policy) },
	dkron.AuditToken:    func() codec.Message { return new(dkron.Token) },
	dkron.AuditSecret:   func() codec.Message { return new(dkron.Secret) },
	dkron.AuditSettings: func() codec.Message { return new(dkron.Settings) },
}

// unshown is fields that say who wrote an object and when, which the record does too, and what is never shown.
var unshown = []string{"Revision", "CreatedAt", "CreatedBy", "UpdatedAt", "UpdatedBy", "EndedBy", "Hash", "Sessions", "Sealed"}

// called is the keys of fields that the API calls otherwise.
var called = map[string]string{"Longer": "longer_than", "Short": "shorter_than", "ValueAt": "value_set_at"}

// plain returns a value as JSON has it: keys as the API writes them, without those that are empty.
func plain(v reflect.Value) any {
	switch x := v.Interface().(type) {
	case time.Time:
		return x.UTC()
	case time.Duration:
		return x.String()
	case dkron.Payload:
		return x.Text
	case dkron.Settings:
		h := &x.History
		return map[string]any{"history": map[string]any{"count": h.Count, "age": h.Age.String(), "bytes": h.Bytes, "total_bytes": x.TotalBytes}}
	}
	switch v.Kind() {
	case reflect.Pointer:
		return plain(v.Elem())
	case reflect.Struct:
		out := make(map[string]any)
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if f.IsExported() && !v.Field(i).IsZero() && !slices.Contains(unshown, f.Name) {
				out[keyOf(f.Name)] = plain(v.Field(i))
			}
		}
		return out
	}
	return v.Interface()
}

// keyOf returns the key of a field: QuietHours is quiet_hours.
func keyOf(field string) string {
	if key := called[field]; key != "" {
		return key
	}
	var out strings.Builder
	for i, r := range field {
		if unicode.IsUpper(r) && i > 0 {
			out.WriteByte('_')
		}
		out.WriteRune(unicode.ToLower(r))
	}
	return out.String()
}
