package contract

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

type reviewView struct {
	Create, Update, Unchanged []string
	Errors, Warnings          int
	Problems                  []struct {
		Job, Field, Text, Severity string
		Line, Column               int
	}
	Changes []struct {
		Job, Field string
		Was, Is    any
	}
}

func (s *site) review(jobs ...job) (out reviewView) {
	s.t.Helper()
	s.do("POST", "/v1/restore?dry_run&problems", s.file(jobs...), "Content-Type: application/json").want(200).decode(&out)
	return out
}

// An import's preview has everything that is wrong with every job at once, what updates would change, and stores nothing.
func TestAReviewHasAllProblemsAndChanges(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		s.create("known", shell("echo one").with(job{"owner": "ann"}))
		before := s.read("known")
		got := s.review(
			job{"name": "wrong", "schedule": "every now and then", "retries": "x", "timezone": "Mars"},
			shell("").with(job{"name": "doubtful", "retrys": 3}),
			shell("echo two").with(job{"name": "known"}),
			shell("echo three").with(job{"name": "new"}),
		)
		var fields []string
		for _, p := range got.Problems {
			fields = append(fields, p.Severity+" "+strings.TrimPrefix(p.Job, s.prefix)+" "+p.Field)
		}
		for _, want := range []string{
			"error wrong schedule", "error wrong retries", "error wrong timezone", "warning doubtful retrys", "warning doubtful executor_config.command",
		} {
			if !slices.Contains(fields, want) {
				t.Errorf("missing: %s in %q", want, fields)
			}
		}
		if got.Errors < 3 || got.Warnings < 2 || got.Errors+got.Warnings != len(got.Problems) {
			t.Errorf("%d errors, %d warnings, %d problems", got.Errors, got.Warnings, len(got.Problems))
		}
		if !slices.Equal(got.Update, []string{s.name("known")}) || !slices.Contains(got.Create, s.name("new")) || slices.Contains(got.Create, s.name("wrong")) {
			t.Errorf("create %q, update %q", got.Create, got.Update)
		}
		if len(got.Changes) != 2 || got.Changes[0].Field != "executor_config.command" || got.Changes[0].Was != "echo one" ||
			got.Changes[0].Is != "echo two" || got.Changes[1].Field != "owner" || got.Changes[1].Was != "ann" {
			t.Errorf("changes: %+v", got.Changes)
		}
		s.get(s.path("new", "")).wantEmpty(404)
		if now := s.read("known"); now.Revision != before.Revision {
			t.Errorf("the review changed the job: revision %d, was %d", now.Revision, before.Revision)
		}
	})
}

func TestAReviewOfABackupHasNothingToSay(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.create("a", shell("true").with(job{"concurrency": "allow", "tags": job{"role": "web"}}))
		var stored job
		s.get(s.path("a", "")).want(200).decode(&stored)
		stored["name"] = "a" // the file adds the prefix
		delete(stored, "parent_job")
		got := s.review(stored)
		if got.Errors != 0 || len(got.Changes) != 0 || !slices.Equal(got.Unchanged, []string{s.name("a")}) {
			t.Errorf("%+v", got)
		}
	})
}

// A file as people write it is reviewed with the line of each problem, and one job that can't be read hides no other.
func TestAReviewOfYAMLHasLines(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		file := "name: " + s.name("one") + "\nschedule: never\n---\n- name: " + s.name("two") + "\n  schedule: @daily\n- name: " +
			s.name("three") + "\n  schedule: '@daily'\n  executor: shell\n  executor_config: {command: 'true'}\n  retrys: 1\n"
		var got reviewView
		s.do("POST", "/v1/restore?dry_run&problems", file, "Content-Type: application/yaml").want(200).decode(&got)
		var found []string
		for _, p := range got.Problems {
			found = append(found, fmt.Sprintf("%s %s %d:%d", strings.TrimPrefix(p.Job, s.prefix), p.Field, p.Line, p.Column))
		}
		for _, want := range []string{"one schedule 2:1", "two  5:13", "three retrys 10:3"} {
			if !slices.Contains(found, want) {
				t.Errorf("missing: %s in %q", want, found)
			}
		}
		if !slices.Equal(got.Create, []string{s.name("three")}) {
			t.Errorf("create %q", got.Create)
		}
		s.do("POST", "/v1/restore", file, "Content-Type: application/yaml").want(400)
		s.get(s.path("three", "")).wantEmpty(404)
	})
}
