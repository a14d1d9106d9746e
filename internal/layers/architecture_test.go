package layers

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// unmapped is the packages that only tests use: docs/ARCHITECTURE.md leaves them out.
var unmapped = map[string]bool{
	"internal/certtest": true, "internal/codec/codectest": true, "internal/pluginhost/trialtest": true, "internal/toytest": true, "internal/layers": true, "internal/mail/mailtest": true, "internal/porttest": true, "internal/syslogtest": true,
}

// The table of floors is what newcomers read: it must show the plan.
func TestTheMapShowsEveryRoomOnItsFloor(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile(`(?m)^\| (\d) \| ([^|]*) \|`).FindAllStringSubmatch(string(text), -1)
	if len(rows) != door+1 {
		t.Fatalf("docs/ARCHITECTURE.md has %d floors, want %d", len(rows), door+1)
	}
	shown := make(map[int][]string)
	for _, r := range rows {
		floor, _ := strconv.Atoi(r[1])
		for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(r[2], -1) {
			shown[floor] = append(shown[floor], m[1])
			if !onFloor(m[1], floor) {
				t.Errorf("docs/ARCHITECTURE.md has %s on floor %d, where the plan has no such package", m[1], floor)
			}
		}
	}
	for pkg, floor := range floors {
		found := unmapped[pkg]
		for _, name := range shown[floor] {
			found = found || matches(name, pkg)
		}
		if !found {
			t.Errorf("docs/ARCHITECTURE.md does not have %s in the row of floor %d", mapped(pkg), floor)
		}
	}
}

// onFloor reports whether the plan has a package of a name of the map on a floor.
func onFloor(name string, floor int) bool {
	for pkg, at := range floors {
		if at == floor && matches(name, pkg) {
			return true
		}
	}
	return false
}

// matches reports whether a name of the map means a package of the plan, perhaps among others: builtin/… is all below.
func matches(name, pkg string) bool {
	name = strings.TrimPrefix(name, "internal/")
	all, many := strings.CutSuffix(name, "/…")
	short := mapped(pkg)
	return short == name || many && (short == all || strings.HasPrefix(short, all+"/"))
}

// mapped returns the name that the map has for a package of the plan.
func mapped(pkg string) string {
	if pkg == "" {
		return "dkron"
	}
	return strings.TrimPrefix(strings.TrimSuffix(pkg, "/..."), "internal/")
}
