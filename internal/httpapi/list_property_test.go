package httpapi

import (
	"cmp"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dkron"
	"dkron/internal/index"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// drawJobs draws jobs that have much in common, so that filters find something and orders have ties.
func drawJobs(t *rapid.T) []dkron.Record {
	word := rapid.OneOf( // rapid prefers what is first in a list
		rapid.SampledFrom([]string{"many common words Alpha b", "many common words Alpha BC", "many common words alpha a", "many common words alpha", "many words", "many common words and others, enough for three levels of keys", "many common words and others, enough for three levels of KEY"}),
		rapid.SampledFrom([]string{"a", "A", "b", "ab", ""}),
		rapid.SampledFrom([]string{"Ñ", "ñ", "\u212a", "\xff", "a\x00", "a\x00b"}),
	)
	instant := rapid.SampledFrom([]time.Time{{}, noon, noon.Add(1), noon.Add(time.Second), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)})
	labels := rapid.MapOfN(rapid.SampledFrom([]string{"x", "y", "z"}), word, 0, 3)
	n := rapid.IntRange(0, 40).Draw(t, "jobs")
	var jobs []dkron.Record
	for i := range n {
		r := dkron.Record{
			Job: dkron.Job{
				Name: fmt.Sprintf("%c%02d", 'a'+rapid.IntRange(0, 2).Draw(t, "name"), i), DisplayName: word.Draw(t, "displayname"),
				Schedule: word.Draw(t, "schedule"), Owner: word.Draw(t, "owner"), Executor: word.Draw(t, "executor"), Metadata: labels.Draw(t, "metadata"),
				Tags: labels.Draw(t, "tags"), Ephemeral: rapid.Bool().Draw(t, "ephemeral"), Disabled: rapid.Bool().Draw(t, "disabled"),
			},
			Progress: dkron.Progress{
				Status:       rapid.SampledFrom([]dkron.Status{"", dkron.StatusSuccess, dkron.StatusFailed}).Draw(t, "status"),
				SuccessCount: rapid.Uint64Range(0, 2).Draw(t, "success"), ErrorCount: rapid.Uint64Range(0, 1).Draw(t, "error"),
				LastSuccess: instant.Draw(t, "last success"), LastError: instant.Draw(t, "last error"), Next: instant.Draw(t, "next"),
			},
		}
		if rapid.Bool().Draw(t, "updated") {
			r.Job.UpdatedAt = noon.Add(time.Duration(rapid.IntRange(0, 2).Draw(t, "at")))
		}
		if i > 0 && rapid.Bool().Draw(t, "child") {
			r.Job.ParentJob = jobs[rapid.IntRange(0, min(i-1, 2)).Draw(t, "parent")].Job.Name
		}
		jobs = append(jobs, r)
	}
	return jobs
}

func drawQuery(t *rapid.T) url.Values {
	v := make(url.Values)
	values := map[string][]string{
		"q": {"a", "A", "ab", "ñ", "\xc3", "words", "0", "\x00", "\u212a"}, "status": {"success", "failed", "untriggered", "x"}, "disabled": {"true", "false", "1"},
		"_owner": {"a", "A", "Ñ", "many words"}, "_executor": {"a", "b"}, "_ephemeral": {"true", "false"}, "_child": {"true", "false"}, "_parent": {"a00", "b00", "c01"},
		"_search": {"A", "alpha COMMON", "Ñ", "k", "0 a", "b\x00", "\xff"}, "metadata[x]": {"", "a", "A"}, "metadata[y]": {"b", "Ñ"}, "_tag[x]": {"a", "ab"},
		"_sort": {"id", "name", "displayname", "schedule", "success_count", "error_count", "last_success", "last_error", "next", "owner", "executor", "updated_at"},
	}
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for name := range values {
			if !yield(name) {
				return
			}
		}
	}) {
		if rapid.IntRange(0, 9).Draw(t, name+" is asked for") < map[bool]int{true: 8, false: 1}[name == "_sort"] {
			v.Set(name, rapid.SampledFrom(values[name]).Draw(t, name))
		}
	}
	v.Set("_order", rapid.SampledFrom([]string{"ASC", "DESC"}).Draw(t, "_order"))
	if rapid.Bool().Draw(t, "paged") {
		start := rapid.IntRange(0, 45).Draw(t, "_start")
		v.Set("_start", strconv.Itoa(start))
		v.Set("_end", strconv.Itoa(start+rapid.IntRange(0, 45).Draw(t, "length")))
	}
	return v
}

// passes implements each filter literally as documented.
func passes(v url.Values, r *dkron.Record) bool {
	j, p := &r.Job, &r.Progress
	mentioned := []string{j.Name, j.DisplayName, j.Owner, j.Executor}
	for _, value := range j.Metadata {
		mentioned = append(mentioned, value)
	}
	for name := range v {
		want := v.Get(name)
		switch name {
		case "q":
			if !strings.Contains(j.Name, want) && !strings.Contains(j.DisplayName, want) {
				return false
			}
		case "status":
			if want != string(cmp.Or(p.Status, "untriggered")) {
				return false
			}
		case "_search":
			for _, word := range strings.Fields(want) {
				if !slices.ContainsFunc(mentioned, func(s string) bool { return strings.Contains(strings.ToLower(s), strings.ToLower(word)) }) {
					return false
				}
			}
		case "metadata[x]", "metadata[y]":
			if have, ok := j.Metadata[name[9:10]]; !ok || have != want {
				return false
			}
		case "_tag[x]":
			if have, ok := j.Tags["x"]; !ok || have != want {
				return false
			}
		}
		have, ok := map[string]string{
			"disabled": strconv.FormatBool(j.Disabled), "_ephemeral": strconv.FormatBool(j.Ephemeral), "_child": strconv.FormatBool(j.ParentJob != ""),
			"_owner": j.Owner, "_executor": j.Executor, "_parent": j.ParentJob,
		}[name]
		if ok && have != want {
			return false
		}
	}
	return true
}

func compareJobs(field string, a, b *dkron.Record) int {
	last := func(x, y time.Time) int {
		if x.IsZero() != y.IsZero() {
			return map[bool]int{true: 1, false: -1}[x.IsZero()]
		}
		return x.Compare(y)
	}
	c := 0
	switch field {
	case "displayname":
		c = strings.Compare(strings.ToLower(a.Job.DisplayName), strings.ToLower(b.Job.DisplayName))
	case "schedule":
		c = strings.Compare(a.Job.Schedule, b.Job.Schedule)
	case "owner":
		c = strings.Compare(a.Job.Owner, b.Job.Owner)
	case "executor":
		c = strings.Compare(a.Job.Executor, b.Job.Executor)
	case "success_count":
		c = cmp.Compare(a.Progress.SuccessCount, b.Progress.SuccessCount)
	case "error_count":
		c = cmp.Compare(a.Progress.ErrorCount, b.Progress.ErrorCount)
	case "last_success":
		c = last(a.Progress.LastSuccess, b.Progress.LastSuccess)
	case "last_error":
		c = last(a.Progress.LastError, b.Progress.LastError)
	case "next":
		c = a.Progress.Next.Compare(b.Progress.Next)
	case "updated_at":
		c = a.Job.UpdatedAt.Compare(b.Job.UpdatedAt)
	}
	return cmp.Or(c, strings.Compare(a.Job.Name, b.Job.Name))
}

// TestListEqualsFilterSortSlice compares answers with the plain way to find them.
func TestListEqualsFilterSortSlice(t *testing.T) {
	dir, stores := t.TempDir(), 0
	rapid.Check(t, func(t *rapid.T) {
		stores++
		store, err := state.Open(filepath.Join(dir, strconv.Itoa(stores)))
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		jobs := drawJobs(t)
		err = store.Update(1, func(tx *state.Tx) error {
			for i := range jobs {
				jobs[i].Job.Number = tx.NewJobNumber()
				if err := tx.PutJob(&jobs[i].Job, &jobs[i].Progress); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 8 {
			v := drawQuery(t)
			q, err := parseListQuery(v, noon)
			if err != nil {
				t.Fatal(err)
			}
			var want []*dkron.Record
			for i := range jobs {
				if passes(v, &jobs[i]) {
					want = append(want, &jobs[i])
				}
			}
			slices.SortFunc(want, func(a, b *dkron.Record) int { return compareJobs(v.Get("_sort"), a, b) })
			if v.Get("_order") == "DESC" {
				slices.Reverse(want)
			}
			total := len(want)
			want = respond.Cut(respond.Page{Start: q.Start, End: q.End}, want)
			found, n := q.find(store.Index())
			same := slices.EqualFunc(found, want, func(e *index.Entry, r *dkron.Record) bool { return e.Name == r.Job.Name })
			if n != total || !same {
				t.Fatalf("%s: %d of %d, want %d of %d", v.Encode(), len(found), n, len(want), total)
			}
		}
	})
}
