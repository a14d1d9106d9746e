package pluginwire

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// inGuide are messages that the guide has under their names in v4.
var inGuide = map[string]string{"StatusUpdate": "StatusUpdateRequest", "StatusUpdated": "StatusUpdateResponse"}

// Whoever writes a plugin from the guide's page alone must find each field of each message there, and none that does not exist.
func TestTheGuideHasEachFieldOfEachMessage(t *testing.T) {
	page := read(t, "../../docs/guide/plugin-protocol.md")
	rows, message := make(map[string]bool), ""
	for line := range strings.Lines(read(t, "testdata/wire.txt")) {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 2 && fields[0] == "type":
			if message = fields[1]; inGuide[message] != "" {
				message = inGuide[message]
			}
		case len(fields) == 5:
			name := snake(fields[3])
			if name == "is_error" { // as v4 calls it
				name = "error"
			}
			row := "| `" + message + "` | " + fields[0] + " | `" + name + "` | " + fields[1] + " |"
			if rows[row] = true; !strings.Contains(page, "\n"+row) {
				t.Errorf("the page lacks a row that begins with %s", row)
			}
		}
	}
	if len(rows) < 40 {
		t.Fatalf("only %d fields are kept", len(rows))
	}
	for _, row := range regexp.MustCompile("(?m)^\\| `[A-Z]\\w+` \\| \\d+ \\| `\\w+` \\| [^|]+ \\|").FindAllString(page, -1) {
		if !rows[row] {
			t.Errorf("the page has %s, which no message has", row)
		}
	}
}

func TestTheGuideHasWhatBothSidesHaveToKnow(t *testing.T) {
	page := read(t, "../../docs/guide/plugin-protocol.md")
	for _, want := range []string{
		CookieKey, CookieValue, Method(ExecutorService, Execute), Method(StatusService, Update), "`" + KitService + "`", "`" + Describe + "`", "`" + Check + "`", "`" + Run + "`",
		ProcessorService + "." + Process, ProcessorService + "." + Describe, ProcessorService + "." + Check, "`" + ProcessorKey + "`",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var (
	word = regexp.MustCompile(`([a-z0-9])([A-Z])`)
	last = regexp.MustCompile(`([A-Z])([A-Z][a-z])`)
)

// snake is a field's name as messages of protobuf have it.
func snake(name string) string {
	return strings.ToLower(word.ReplaceAllString(last.ReplaceAllString(name, "${1}_${2}"), "${1}_${2}"))
}
