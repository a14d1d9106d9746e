package compat

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestNeighboursWorkTogetherAndOthersAreRefused(t *testing.T) {
	for _, c := range []struct {
		w    Window
		want string // of the refusal; empty: none
	}{
		{Own(), ""},
		{Window{}, ""}, // a version before numbers
		{Window{Protocol, Protocol + 1, "9.1.0"}, ""},
		{Window{Protocol + 1, Protocol + 2, "9.2.0"}, "s2 runs dkron 9.2.0 and speaks the protocols"},
	} {
		if back := Parse(c.w.String()); back != c.w {
			t.Errorf("%v is read back as %v", c.w, back)
		}
		err := c.w.Check("s2")
		if (err == nil) != (c.want == "") || err != nil && !(strings.Contains(err.Error(), c.want) && strings.Contains(err.Error(), "Upgrade this node")) {
			t.Errorf("%v: %v", c.w, err)
		}
	}
	for _, text := range []string{"", "x", "1", "3-2/x", "-1-2/0.1.0", "?"} {
		if w := Parse(text); w != (Window{}) {
			t.Errorf("%q is read as %v", text, w)
		}
	}
}

func TestADowngradeAfterTheClusterHasAgreedIsNamed(t *testing.T) {
	w := Window{0, 1, "0.1.0"}
	if err := w.CheckAgreed("s3", 1, "0.1.0"); err != nil {
		t.Error(err)
	}
	err := w.CheckAgreed("s3", 2, "0.2.0")
	if err == nil || !strings.Contains(err.Error(), "s3 runs dkron 0.1.0") || !strings.Contains(err.Error(), "Start dkron 0.2.0 or newer") {
		t.Error(err)
	}
}

func TestADataDirectoryOfANewerFormatIsRefused(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, FormatFile)
	if err := CheckFormat(dir); err != nil {
		t.Fatalf("without a number: %v", err)
	}
	if err := WriteFormat(dir); err != nil {
		t.Fatal(err)
	}
	if data, _ := os.ReadFile(path); string(data) != fmt.Sprintf(`{"format":%d,"dkron":%q}`+"\n", Format, Release) {
		t.Errorf("written: %s", data)
	}
	if err := errors.Join(CheckFormat(dir), WriteFormat(dir), CheckFormat(dir)); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(path, []byte(`{"format":77,"dkron":"7.0.0","more":[1]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	var newer *NewerError
	if err := CheckFormat(dir); !errors.As(err, &newer) || !strings.Contains(err.Error(), "Start dkron 7.0.0 or newer") {
		t.Errorf("a newer one: %v", err)
	}
	if err := os.WriteFile(path, []byte(`{`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := CheckFormat(dir); err == nil || !strings.Contains(err.Error(), "is damaged") {
		t.Errorf("a damaged one: %v", err)
	}
}
