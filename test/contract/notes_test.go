package contract

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// runbook is notes with everything that a careless page would run.
const runbook = "# Call ops\n\n<script>alert(1)</script> [a](javascript:alert(1)) ![x](https://example.com/x.png)\n"

func TestNotesAndConfirmReadBackEverywhere(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		s.create("a", job{})
		o := s.get(s.path("a", "")).object()
		if o["confirm"] != false || o["notes"] != "" {
			t.Errorf("a new job has confirm %v and notes %q", o["confirm"], o["notes"])
		}
		stored := s.create("a", job{"confirm": true, "notes": runbook})
		read := s.get(s.path("a", "")).want(200)
		if diff := cmp.Diff(read.object(), stored.object()); diff != "" {
			t.Errorf("the answer to the write is not what is stored: %s", diff)
		}
		if o := read.object(); o["confirm"] != true || o["notes"] != runbook {
			t.Errorf("read back as %v and %q", o["confirm"], o["notes"])
		}
		// What was read can be sent back, in a file too.
		s.do("PUT", s.path("a", ""), read.body).want(201)
		s.restore("[" + read.body + "]").want(200)
		if got := s.get(s.path("a", "")).object(); fmt.Sprint(got["revision"]) != "2" || got["notes"] != runbook || got["confirm"] != true {
			t.Errorf("sent back: %v", got)
		}
		s.post(s.path("a", "/toggle"), "").want(200)
		// A write replaces the whole definition: a client that does not know the fields drops them, as any other.
		s.do("PUT", s.path("a", ""), `{"schedule":"@manually"}`).want(201)
		if o := s.get(s.path("a", "")).object(); o["confirm"] != false || o["notes"] != "" {
			t.Errorf("after a write without them: %v and %q", o["confirm"], o["notes"])
		}
		s.post(s.path("a", "/versions/3/revert"), "").want(200)
		if o := s.get(s.path("a", "")).object(); o["confirm"] != true || o["notes"] != runbook || o["disabled"] != true {
			t.Errorf("after a revert: %v, %q, disabled %v", o["confirm"], o["notes"], o["disabled"])
		}
		first := s.get(s.path("a", "/versions/2")).object()["job"].(map[string]any)
		if first["confirm"] != true || first["notes"] != runbook {
			t.Errorf("the version has %v and %q", first["confirm"], first["notes"])
		}
	})
}

func TestWrongNotesAndConfirmAreNamed(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for field, want := range map[string]string{
			`"confirm":"true"`: `confirm must be true or false, not the string "true".`,
			`"confirm":1`:      `confirm must be true or false, not 1.`,
			`"confirm":[]`:     `confirm must be true or false, not an array.`,
			`"notes":5`:        `notes must be a string, not 5.`,
			`"notes":{}`:       `notes must be a string, not an object.`,
		} {
			s.refused(`{"name":"NAME","schedule":"@manually",`+field+`}`, unparsable+want)
		}
		long := strings.Repeat("x", 16<<10)
		s.refused(job{"name": "NAME", "schedule": "@manually", "notes": long + "x"}.text(), invalid+"notes has 16385 bytes, use at most 16384.")
		s.restore(s.file(job{"name": "a", "schedule": "@manually", "notes": long + "x"})).wantText(400, "")
		s.get(s.path("a", "")).wantEmpty(404)
		s.create("b", job{"notes": long, "confirm": nil})
	})
}

func TestConfirmIsAFilterAndBlocksNoClient(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.create("plain", job{})
		s.create("careful", shell("true").with(job{"confirm": true}))
		for query, want := range map[string]string{"true": "careful", "false": "plain", "": "careful plain"} {
			var got []string
			for _, j := range s.get("/v1/jobs?q=" + s.prefix + "&_confirm=" + query).want(200).list() {
				got = append(got, strings.TrimPrefix(fmt.Sprint(j["name"]), s.prefix))
			}
			if strings.Join(got, " ") != want {
				t.Errorf("_confirm=%s: %v, want %s", query, got, want)
			}
		}
		s.get("/v1/jobs?_confirm=yes").wantText(400, `_confirm must be "true" or "false", got "yes"`)
		s.post(s.path("careful", "/run"), "").want(200)
		s.post(s.path("careful", "/stop"), "").want(202)
		s.post(s.path("careful", "/toggle"), "").want(200)
		s.del(s.path("careful", "?stop")).want(200)
	})
}
