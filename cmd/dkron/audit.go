package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	neturl "net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// auditQuery is the flags of dkron audit by the parameter that each sets.
var auditQuery = []struct{ name, help string }{
	{"who", "Only of this client: part of its name, accessor or address"},
	{"action", "Only this action, such as SetJob"},
	{"kind", "Only about this kind of things, such as job, token or secret"},
	{"object", "Only about the thing of this name, number or id"},
	{"job", "Only about this job, its launches and executions"},
	{"from", "Only from this time on, such as 2026-12-01T22:00:00Z"},
	{"to", "Only before this time"},
}

func auditCommand() *cobra.Command {
	k := &noticeClient{what: "audit", path: "/v1/audit"}
	values := make(map[string]*string)
	output, limit, refused, follow := "", 0, false, false
	c := &cobra.Command{
		Use: "audit", Short: "See who changed, ran or stopped what",
		Long: `Prints who changed, ran or stopped what, from where, and who was refused, newest first. With --output=json it prints a line of JSON for
each record, with what was there before and after. It needs a management token, or one whose policy allows /v1/audit.

With --follow it prints the newest records oldest first, and then each new one of the whole cluster as it comes, until it is interrupted. While no
node answers it tries again, and misses nothing.

` + aboutNotices,
		Example: "  dkron audit --job=backup\n  dkron audit --refused --from=2026-12-01T00:00:00Z\n  dkron audit --limit=0 --output=json > audit.jsonl\n  dkron audit --follow --limit=10",
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := checkAuditFlags(output, limit, follow); err != nil {
				return &usageError{c.CommandPath(), err}
			}
			query := make(neturl.Values)
			for name, value := range values {
				if *value != "" {
					query.Set(name, *value)
				}
			}
			if refused {
				query.Set("refused", "true")
			}
			if limit > 0 {
				query.Set("limit", fmt.Sprint(limit))
			}
			if follow {
				return (&auditFollower{k: k, c: c, query: query, json: output == "json"}).run()
			}
			query.Set("format", "ndjson")
			text, err := k.ask(c, "GET", k.path+"?"+query.Encode(), nil)
			if err != nil {
				return err
			}
			if output == "json" {
				_, err := c.OutOrStdout().Write(text)
				return err
			}
			return auditTable(c.OutOrStdout(), string(text))
		},
	}
	k.flags(c)
	for _, f := range auditQuery {
		values[f.name] = c.Flags().String(f.name, "", f.help)
	}
	c.Flags().BoolVar(&refused, "refused", false, "Only requests that were refused")
	c.Flags().BoolVarP(&follow, "follow", "f", false, "Go on and print each new record as it comes")
	c.Flags().StringVarP(&output, "output", "o", "table", "How to print it: table or json")
	c.Flags().IntVar(&limit, "limit", 50, "How many to print, newest first; 0: all")
	return c
}

func checkAuditFlags(output string, limit int, follow bool) error {
	switch {
	case output != "table" && output != "json":
		return fmt.Errorf("--output %q is unknown; use table or json", output)
	case limit < 0:
		return errors.New("--limit must not be negative; 0 is all")
	case follow && (limit == 0 || limit > auditPage):
		return fmt.Errorf("--limit with --follow is how many records to begin with, 1 to %d", auditPage)
	}
	return nil
}

// audited is a record as the table shows it.
type audited struct {
	At  string
	Who struct{ Name, Accessor, Address string }

	Action, Kind, Object, Detail string

	Before, After json.RawMessage
	Status, Count int
}

func auditTable(w io.Writer, text string) error {
	lines := [][]string{{"At", "Who", "From", "Action", "What", "Detail"}}
	in := json.NewDecoder(strings.NewReader(text))
	for in.More() {
		var r audited
		if err := in.Decode(&r); err != nil {
			return fmt.Errorf("the answer is not a list of records: %w", err)
		}
		lines = append(lines, r.cells())
	}
	return columns(w, lines...)
}

func (r *audited) cells() []string {
	who := r.Who.Name
	if who == "" {
		who = r.Who.Accessor
	}
	return []string{r.At, who, r.Who.Address, r.Action, strings.TrimSpace(r.Kind + " " + r.Object), r.about()}
}

// about is what else there is to say of a record.
func (r *audited) about() string {
	var parts []string
	switch before, after := isObject(r.Before), isObject(r.After); {
	case r.Status != 0:
		parts = append(parts, fmt.Sprintf("refused with %d", r.Status))
	case before && after:
		parts = append(parts, "changed: "+strings.Join(changedKeys(r.Before, r.After), ", "))
	case before:
		parts = append(parts, "deleted")
	case after && r.Kind != "launch":
		parts = append(parts, "created")
	}
	if r.Count > 1 {
		parts = append(parts, fmt.Sprintf("%d times", r.Count))
	}
	if r.Detail != "" {
		parts = append(parts, r.Detail)
	}
	return strings.Join(strings.Fields(strings.Join(parts, "; ")), " ")
}

func isObject(raw json.RawMessage) bool { return len(raw) > 0 && raw[0] == '{' }

// changedKeys returns the keys whose values differ, in order.
func changedKeys(before, after json.RawMessage) (keys []string) {
	var a, b map[string]json.RawMessage
	if json.Unmarshal(before, &a) != nil || json.Unmarshal(after, &b) != nil {
		return nil
	}
	for key := range a {
		if string(a[key]) != string(b[key]) {
			keys = append(keys, key)
		}
	}
	for key := range b {
		if _, ok := a[key]; !ok {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}
