package newcomer

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"dkron/internal/compat"
)

const toyCommand = `package command

import (
	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
)

// Toy changes nothing but the audit.
type Toy struct{ Name string }

// Fields describes the wire form.
func (c *Toy) Fields(w *codec.Wire) {
	w.Since(1)
	w.String(1, &c.Name)
}

// Apply returns the name.
func (c *Toy) Apply(tx *state.Tx) (any, error) {
	note(tx, dkron.AuditSettings, c.Name, "toy")
	return c.Name, nil
}
`

const toyRequest = `package request

import "dkron/internal/codec"

// Toy does nothing, on all servers. It fails only as every request can.
type Toy struct{ Thing string }

// Fields describes the wire form.
func (r *Toy) Fields(w *codec.Wire) { w.String(1, &r.Thing) }

// Name is the name on the wire.
func (*Toy) Name() string { return "Toy" }

// Touches is Write.
func (*Toy) Touches() Touch { return Write }

// Reply is empty.
func (*Toy) Reply() *Done { return new(Done) }
`

const toyHandler = `package control

import (
	"context"

	"dkron/internal/command"
	"dkron/internal/request"
)

func (c *Control) toy(ctx context.Context, r *request.Toy) (*request.Done, uint64, error) {
	return done(ctx, c, &command.Toy{Name: r.Thing})
}
`

const toyEndpoint = `package httpapi

import (
	"net/http"

	"dkron/internal/request"
	"dkron/internal/respond"
)

func (a *api) toy(w http.ResponseWriter, r *http.Request) error {
	if _, err := request.Do(r.Context(), a.Controller, &request.Toy{Thing: "x"}); err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, "done")
}
`

const toyPath = `  /v1/toy:
    post:
      tags: [cluster]
      operationId: toy
      summary: Do nothing
      responses:
        '200':
          description: It is done.
          content:
            application/json:
              schema: {type: string}
`

func TestACommandAUseCaseAndAnEndpointAreAFileAndARowEach(t *testing.T) {
	w := copyTree(t)
	w.add("internal/command/toy.go", toyCommand)
	w.insert("internal/command/command.go", "of[Rewind](", "\tof[Toy](99),\n")
	w.insert("internal/command/wire_test.go", "kept := map[Kind]string{", "99: \"Toy\",\n")
	w.insert("internal/command/wire_test.go", "new(SetJob), new(DeleteJob)", "new(Toy),\n")
	w.run("", "go", "test", "-run", "TestWireFormIsKept", "./internal/command", "-update")
	w.run("", "go", "test", "-run", "TestWireFormIsKept", "./internal/command")

	w.add("internal/request/toy.go", toyRequest)
	w.insert("internal/request/table.go", "kind[ToggleJob, ", "\tkind[Toy, Done](usual),\n")
	w.insert("internal/request/request_test.go", `"ToggleJob": `, "\"Toy\": {Write, usual},\n")
	w.insert("internal/request/wire_test.go", "{&ToggleJob{", "{&Toy{\"x\"}, \"0a0178\"},\n")
	w.add("internal/control/toy.go", toyHandler)
	w.insert("internal/control/do.go", "on(all, c.toggleJob)", "\ton(all, c.toy)\n")
	w.insert("internal/control/audit_test.go", "{&request.SetPaused{}, ", "\t\t{&request.Toy{Thing: \"x\"}, \"settings x false false\"},\n")

	w.add("internal/httpapi/toy.go", toyEndpoint)
	w.insert("internal/httpapi/routes.go", `{"/v1/pause", `, "\t\t{\"/v1/toy\", map[string]endpoint{\"POST\": a.toy}, false},\n")
	w.insert("internal/httpapi/request_test.go", `"ToggleJob": `, "\"Toy\": {\"POST\", \"/v1/toy\", \"\"},\n")
	w.insert("api/openapi.yaml", "paths:", toyPath)

	w.check("Row|Kind|EveryRequest|Touches|Table|KeepTheirBytes|SameDocument", "./internal/command", "./internal/request", "./internal/control", "./internal/httpapi", "./api")
	w.run("", "go", "test", "./internal/layers")
}

func TestAFieldOfAJobIsANumberOnTheWireAndAKeyInJSON(t *testing.T) {
	w := copyTree(t)
	w.insert("job.go", "type Job struct {", "\tToy string\n\n")
	w.insert("job.go", "codec.Optional(w, 81, &j.Objectives)", fmt.Sprintf("\tw.Since(%d)\n\tw.String(99, &j.Toy)\n", compat.Protocol))
	w.run("", "go", "test", "-run", "TestWireFormIsKept", ".", "-update")
	w.run("", "go", "test", "-run", "TestWireFormIsKept", ".")

	w.insert("internal/jobform/decode.go", `"owner_email": `, "\t\"toy\": text(func(b *Body) *string { return &b.Job.Toy }),\n")
	w.insert("internal/jobform/job.go", `json:"retry_lost"`, "\tToy string `json:\"toy\"`\n")
	w.insert("internal/jobform/job.go", "ID: j.Name, Name: j.Name,", "\t\tToy: j.Toy,\n")
	w.insert("api/openapi.yaml", "retry_lost: {type: boolean", "        toy: {type: string, default: '', description: colour of the job}\n")
	w.insert("internal/httpapi/job_test.go", `"retry_lost":false,`, "\t\t`\"toy\":\"\",` +\n")
	w.insert("internal/httpapi/job_test.go", `"retry_lost":true,`, "\t\t`\"toy\":\"red\",` +\n")
	w.check("ReadsBack|RoundTrip|Exported|SameDocument", "./internal/httpapi", "./api")
}

func TestASettingIsAFieldAndARow(t *testing.T) {
	w := copyTree(t)
	w.insert("internal/config/config.go", "type Config struct {", "\tToy string\n\n")
	w.insert("internal/config/table.go", "var rows = []setting{", `	{name: "toy", group: gNode, def: "red", field: func(c *Config) any { return &c.Toy },
		help: "Colour of this node"},
`)
	w.insert("internal/config/config_test.go", "disable-http-tls=false fast=false", "toy=red\n")
	w.run("", "go", "run", "./docs/gen") // make generate
	w.run("", "go", "run", "./docs/gen", "-check")
	w.run("", "go", "test", "./internal/config")
	page, err := os.ReadFile(filepath.Join(w.dir, "docs/guide/configuration.md"))
	if err != nil || !strings.Contains(string(page), "Colour of this node") {
		t.Errorf("the reference does not have it: %v", err)
	}
}

func TestAPageIsAFolderAndARow(t *testing.T) {
	modules, err := filepath.Abs(filepath.Join(root, "web/node_modules"))
	if err != nil {
		t.Fatal(err)
	}
	tsc := filepath.Join(modules, ".bin/tsc")
	if _, err := os.Stat(tsc); err != nil {
		t.Skip("the page's packages are not there: make page")
	}
	w := copyTree(t)
	if err := os.Symlink(modules, filepath.Join(w.dir, "web/node_modules")); err != nil {
		t.Skip(err)
	}
	w.add("web/src/pages/toy/Toy.tsx", "export function Toy() {\n  return <p>A toy</p>\n}\n")
	w.insert("web/src/app/router.tsx", "const routes = [", `  createRoute({
    getParentRoute: at,
    path: '/toy',
    component: lazyRouteComponent(() => import('@/pages/toy/Toy'), 'Toy'),
  }),
`)
	w.insert("web/src/app/pages.ts", "export const pages = [", "  { to: '/toy', label: 'Toy', icon: 'gear', key: 'y' },\n")
	w.run("web", tsc, "--noEmit")
}

// What a checklist sends a newcomer to has to be there.
func TestTheChecklistsNameFilesThatAre(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "CONTRIBUTING.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, lists, ok := strings.Cut(string(text), "## I want to add")
	if !ok {
		t.Fatal("CONTRIBUTING.md has no checklists")
	}
	found := 0
	for _, m := range regexp.MustCompile("`([a-z][a-zA-Z0-9_./-]*(?:/|\\.(?:go|md|ts|tsx|yaml)))`|`((?:internal|web|builtin|docs|test)/[a-zA-Z0-9_./-]*)`").FindAllStringSubmatch(lists, -1) {
		path := m[1] + m[2]
		found++
		if !thereSomewhere(path) {
			t.Errorf("CONTRIBUTING.md names %s, which is not there", path)
		}
	}
	if found < 10 {
		t.Errorf("only %d files found: the test looks for the wrong thing", found)
	}
}

// A client learns of a job's fields from the guide.
func TestTheGuideNamesEveryFieldOfAJob(t *testing.T) {
	source, err := os.ReadFile(filepath.Join(root, "internal/jobform/decode.go"))
	if err != nil {
		t.Fatal(err)
	}
	guide, err := os.ReadFile(filepath.Join(root, "docs/guide/jobs.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, fields, _ := strings.Cut(string(source), "var jobFields = ")
	fields, _, _ = strings.Cut(fields, "// Read-only")
	found := regexp.MustCompile(`(?m)^\t"([a-z_]+)":`).FindAllStringSubmatch(fields, -1)
	for _, m := range found {
		if !regexp.MustCompile("(?m)^\\|[^|]*`" + m[1] + "`[^|]*\\|").Match(guide) {
			t.Errorf("docs/guide/jobs.md has no row for the field %s", m[1])
		}
	}
	if len(found) < 20 {
		t.Errorf("found only %d fields in internal/jobform/decode.go: has jobFields moved?", len(found))
	}
}

// The root package lists its files, one per word.
func TestTheVocabularyListsItsFiles(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "doc.go"))
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{"doc.go": true}
	for _, m := range regexp.MustCompile(`(?m)^//   - (\S+\.go):`).FindAllStringSubmatch(string(text), -1) {
		listed[m[1]] = true
		if _, err := os.Stat(filepath.Join(root, m[1])); err != nil {
			t.Errorf("doc.go names %s, which is not there", m[1])
		}
	}
	names, err := filepath.Glob(filepath.Join(root, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if base := filepath.Base(name); !listed[base] && !strings.HasSuffix(base, "_test.go") {
			t.Errorf("doc.go does not say what %s is about", base)
		}
	}
}

// thereSomewhere reports whether a path is there. A row shortens the path of a file next to the one that it named before.
func thereSomewhere(path string) bool {
	for _, in := range []string{"", "internal/*", "web", "web/src", "web/e2e", "internal"} {
		if names, err := filepath.Glob(filepath.Join(root, in, path)); err == nil && len(names) > 0 {
			return true
		}
	}
	return false
}
