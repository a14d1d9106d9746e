package secret

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestReferencesAreFoundAndAllOtherTextIsLeftAlone(t *testing.T) {
	value := func(r Reference) string { return "<" + string(r.Kind) + " " + r.Name + ">" }
	for text, want := range map[string]string{
		"":                                  "",
		"no reference":                      "no reference",
		"a ${secret:x} b ${secret:Y_2}":     "a <secret x> b <secret Y_2>",
		"$${secret:x}":                      "${secret:x}",
		"$$${secret:x}":                     "$${secret:x}",
		"${secret:}":                        "${secret:}",
		"${secret:2}":                       "${secret:2}", // a part of a variable, as shells have it
		"${secret:0:3} ${secret}":           "${secret:0:3} ${secret}",
		"${HOME} $HOME ${env:HOME} ${x:-y}": "${HOME} $HOME ${env:HOME} ${x:-y}",
		"$${env:HOME}":                      "$${env:HOME}", // of a kind that is not asked for
		"${secret:x":                        "${secret:x",
		"${secret:${secret:x}}":             "${secret:<secret x>}",
		"${Secret:x}":                       "${Secret:x}",
	} {
		if got := Replace(text, value, Stored); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
	if got := Replace("${env:A} ${file:/b} ${file:b} $${env:A}", value, Env, File); got != "<env A> <file /b> ${file:b} ${env:A}" {
		t.Errorf("of a channel: %q", got)
	}
}

func TestAConfigurationIsFilledAsEachOfItsTextsNeedsIt(t *testing.T) {
	encode := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	config := map[string]string{
		"env": "A=${secret:comma},B=2", "headers": `["X: ${secret:quote}"]`, "body": `{"a": 1.50, "b": "${secret:quote}"}`, "url": "https://h/${secret:plain}?q=$${secret:plain}",
		"payload": encode("one ${secret:plain}"), "payload2": encode("at ${secret:plain}"), "payload3": encode("${secret:plain}"), "other": "x", "base": encode("nothing"),
	}
	if names := strings.Join(In(config), " "); names != "comma plain quote" {
		t.Errorf("refers to %s", names)
	}
	got, err := Fill(config, map[string]string{"comma": "a,b", "quote": "say \"<hi>\"\n", "plain": "p1+/"})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"env": `A=a\,b,B=2`, "headers": `["X: say \"<hi>\"\n"]`, "body": `{"a": 1.50, "b": "say \"<hi>\"\n"}`, "url": "https://h/p1+/?q=${secret:plain}",
		"payload": encode("one p1+/"), "payload2": encode("at p1+/"), "payload3": encode("p1+/"), "other": "x", "base": encode("nothing"),
	}
	for key := range want {
		if got[key] != want[key] {
			t.Errorf("%s is %q, want %q", key, got[key], want[key])
		}
	}
	if config["env"] != "A=${secret:comma},B=2" {
		t.Error("the job's own configuration was changed")
	}
	if _, err := Fill(map[string]string{"env": "A=${secret:x}"}, map[string]string{"x": `tail\`}); err == nil || strings.Contains(err.Error(), "tail") {
		t.Errorf("a backslash before the comma of a list: %v", err)
	}
	if Used(map[string]string{"command": "echo ${HOME}", "payload": encode("x")}) || In(nil) != nil {
		t.Error("a job without references pays for them")
	}
}

func keys(t *testing.T, letters string) *Keys {
	t.Helper()
	var lines []string
	for _, l := range letters {
		lines = append(lines, base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{byte(l)}, keySize)))
	}
	k, err := ParseKeys("# the keys\n" + strings.Join(lines, "\n") + "\n")
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestTheFirstKeySealsAndAllOpen(t *testing.T) {
	old, both, fresh := keys(t, "a"), keys(t, "ba"), keys(t, "b")
	sealed, err := old.Seal("x", "the value")
	if err != nil || bytes.Contains(sealed, []byte("value")) {
		t.Fatalf("%q, %v", sealed, err)
	}
	again, _ := old.Seal("x", "the value")
	if bytes.Equal(sealed, again) {
		t.Error("two sealed forms of a value are alike")
	}
	if v, err := both.Open("x", sealed); v != "the value" || err != nil || both.Current(sealed) || !old.Current(sealed) {
		t.Errorf("%q, %v", v, err)
	}
	renewed, _ := both.Seal("x", "the value")
	if v, err := fresh.Open("x", renewed); v != "the value" || err != nil || !fresh.Current(renewed) {
		t.Errorf("%q, %v", v, err)
	}
	_, err = fresh.Open("x", sealed)
	if err == nil || !strings.Contains(err.Error(), "sealed with the key "+old.IDs()[0]) || !strings.Contains(err.Error(), "it has "+fresh.IDs()[0]) {
		t.Errorf("without the key: %v", err)
	}
	for what, data := range map[string][]byte{"short": sealed[:12], "cut": sealed[:30], "changed": append(bytes.Clone(sealed[:40]), 0), "empty": nil, "newer": append([]byte{2}, sealed[1:]...)} {
		if v, err := old.Open("x", data); err == nil || v != "" {
			t.Errorf("%s: %q, %v", what, v, err)
		}
	}
	if _, err := old.Open("y", sealed); err == nil {
		t.Error("the value of one secret can be put in the place of another")
	}
	if _, err := new(Keys).Seal("x", "the value"); !errors.Is(err, ErrNoKey) {
		t.Errorf("without keys: %v", err)
	}
}

func TestKeysThatCantBeReadAreRefusedWithoutBeingRepeated(t *testing.T) {
	good := base64.StdEncoding.EncodeToString(make([]byte, keySize))
	for _, text := range []string{"hunter22", good + " hunter22", good[:20] + "==", "$$$"} {
		if _, err := ParseKeys(text); err == nil || strings.Contains(err.Error(), "hunter") || !strings.Contains(err.Error(), "dkron keygen") {
			t.Errorf("%q: %v", text, err)
		}
	}
	if k, err := ParseKeys(good + ",\n# a comment, hunter22\n" + good); err != nil || len(k.IDs()) != 2 {
		t.Errorf("%v, %v", k, err)
	}
}

func TestNamesAndValuesAreChecked(t *testing.T) {
	for _, name := range []string{"", "1x", "-x", "a b", "a/b", strings.Repeat("a", 65), "ä"} {
		if CheckName(name) == nil {
			t.Errorf("%q is a name", name)
		}
	}
	for _, value := range []string{"", "abc", " a\n\n b", "bad\xff", "zero\x00", strings.Repeat("x", MaxValue+1)} {
		if err := CheckValue(value); (err == nil) != (value == " a\n\n b") || err != nil && value != "" && strings.Contains(err.Error(), value) {
			t.Errorf("%.10q: %v", value, err)
		}
	}
}

// masked returns what is shown of a text that arrives in pieces of the given sizes.
func masked(r *Redactor, text string, sizes ...int) string {
	r = r.Fresh()
	var out []byte
	for i := 0; len(text) > 0; i++ {
		n := min(sizes[i%len(sizes)], len(text))
		out = append(out, r.Write([]byte(text[:n]))...)
		text = text[n:]
	}
	return string(append(out, r.End()...))
}

func TestSecretsAreMaskedHoweverTheyArrive(t *testing.T) {
	r := NewRedactor("s3cr3t/pass word", "-----BEGIN KEY-----\nAAAABBBB\nCCCCDDDD\n-----END KEY-----\n", `quo"te`)
	user := base64.StdEncoding.EncodeToString([]byte("user:s3cr3t/pass word"))
	for text, want := range map[string]string{
		"":                                 "",
		"nothing here":                     "nothing here",
		"a s3cr3t/pass word b":             "a *** b",
		"s3cr3t/pass words3cr3t/pass word": "******",
		"s3cr3s3cr3t/pass word":            "s3cr3***",
		"s3cr3t/pass wor- d":               "s3cr3t/pass wor- d",
		"ends with s3cr3t/pa":              "ends with ***", // of a process that was killed meanwhile
		"ends with s3":                     "ends with s3",
		url.QueryEscape("s3cr3t/pass word") + "!":      "***!",
		hex.EncodeToString([]byte("s3cr3t/pass word")): "***",
		`{"p":"quo\"te"}`:                                               `{"p":"***"}`,
		"line 1: AAAABBBB\r\nline 2: CCCCDDDD\r\n":                      "line 1: ***\r\nline 2: ***\r\n",
		"-----BEGIN KEY-----\nAAAABBBB\nCCCCDDDD\n-----END KEY-----\nx": "***\nx",
	} {
		for _, sizes := range [][]int{{1 << 20}, {1}, {2}, {3, 1}, {7}, {1, 30}} {
			if got := masked(r, text, sizes...); got != want {
				t.Errorf("%q in pieces of %v: %q, want %q", text, sizes, got, want)
			}
		}
	}
	if got := masked(r, "Basic "+user, 5); strings.Contains(got, user[8:20]) {
		t.Errorf("in base64: %q", got)
	}
	if NewRedactor() != nil || NewRedactor("") != nil || string((*Redactor)(nil).Write([]byte("x"))) != "x" || (*Redactor)(nil).Text("x") != "x" {
		t.Error("without secrets something is masked")
	}
}

func TestWhatIsNotASecretIsShownAtOnce(t *testing.T) {
	r := NewRedactor("aaaaaaaa", "password1")
	if got := string(r.Write([]byte("a line\npass"))); got != "a line\n" {
		t.Errorf("shown: %q", got)
	}
	if got := string(r.Write([]byte("port\n"))); got != "passport\n" {
		t.Errorf("shown: %q", got)
	}
	for range 1000 { // a stream of nothing but secrets is not kept back
		r.Write([]byte("aaaaaaaa"))
		if len(r.held) > 64 {
			t.Fatalf("%d bytes are kept back", len(r.held))
		}
	}
}

// The mask in pieces is what replacing in the whole text gives, for secrets that do not overlap.
func TestPiecesChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		letters := rapid.StringOfN(rapid.RuneFrom([]rune("ab")), 4, 9, -1)
		secrets := rapid.SliceOfN(letters, 1, 3).Draw(t, "secrets")
		text := rapid.StringOfN(rapid.RuneFrom([]rune("abc")), 0, 60, -1).Draw(t, "text")
		sizes := rapid.SliceOfN(rapid.IntRange(1, 9), 1, 5).Draw(t, "sizes")
		r := NewRedactor(secrets...)
		whole, pieces := masked(r, text, 1<<20), masked(r, text, sizes...)
		if whole != pieces {
			t.Fatalf("whole %q, in pieces %q", whole, pieces)
		}
		for _, s := range secrets {
			if strings.Contains(pieces, s) {
				t.Fatalf("%q is shown in %q", s, pieces)
			}
		}
	})
}

func BenchmarkAConfigurationWithoutSecrets(b *testing.B) {
	config := map[string]string{"command": "/usr/bin/backup --all --to=/srv/backup", "env": "A=1,B=2", "cwd": "/srv", "shell": "false"}
	for b.Loop() {
		if Used(config) {
			b.Fatal("used")
		}
	}
}

func BenchmarkMask(b *testing.B) {
	r := NewRedactor("correct-horse-battery-staple")
	piece := []byte(strings.Repeat("a line of some output, as programs write it\n", 100))
	b.SetBytes(int64(len(piece)))
	for b.Loop() {
		r.Write(piece)
	}
}
