package keys

import (
	"slices"
	"testing"
)

func TestWordsAreSplitAsAShellDoesWithoutExpansion(t *testing.T) {
	for line, want := range map[string][]string{
		"":                         nil,
		"  a\tb\r\nc ":             {"a", "b", "c"},
		`echo $HOME 'a b'`:         {"echo", "$HOME", "a b"},
		`a'b'"c"d`:                 {"abcd"},
		`'' ""`:                    {"", ""},
		`"a \"b\" \$c \d"`:         {`a "b" $c \d`},
		`a\ b \; \'`:               {"a b", ";", "'"},
		"a\\\nb":                   {"ab"},
		`'a\'b`:                    {`a\b`},
		`echo "a;b" 'c|d' e\&`:     {"echo", "a;b", "c|d", "e&"},
		"echo `date +%s` $(a | b)": {"echo", "`date +%s`", "$(a | b)"},
		`~ * # x ${A} {a,b}`:       {"~", "*", "#", "x", "${A}", "{a,b}"},
		"ä'ö ü'":                   {"äö ü"},
	} {
		got, err := Words(line)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %q, %v; want %q", line, got, err, want)
		}
	}
}

func TestIncompleteCommandLinesAreRefused(t *testing.T) {
	for _, line := range []string{`"a`, `'a`, `a\`, "`a", "$(a", "(a)", "a)", `"a\`} {
		if got, err := Words(line); err != ErrCommandLine {
			t.Errorf("%q: %q, %v", line, got, err)
		}
	}
}

func TestUnquotedOperatorsAreRefused(t *testing.T) {
	for _, op := range []string{";", "&", "|", "<", ">"} {
		want := `shell operator "` + op + `" in command, set shell=true`
		for _, line := range []string{"a " + op + " b", "a" + op, op} {
			if _, err := Words(line); err == nil || err.Error() != want {
				t.Errorf("%q: %v", line, err)
			}
		}
	}
}

func TestSizes(t *testing.T) {
	for text, want := range map[string]int64{
		"1": 1, " 10 ": 10, "1.5": 1, "7b": 7, "7Bytes": 7, "1k": 1 << 10, "2KB": 2 << 10, "1.5m": 3 << 19, "1MB": 1 << 20,
		"1G": 1 << 30, "1gb": 1 << 30, "8T": 8 << 40, ".5kb": 512, "9223372036854775807": 1<<63 - 1,
	} {
		if got, err := Size(text); err != nil || got != want {
			t.Errorf("%q: %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "0", "-1", "+1", "0.4", "10 MB", "1KiB", "1PB", "1e3", "x", "MB", "1.2.3", ".", "1_000",
		"9223372036854775808", "8388608TB", "0x10", "1/2"} {
		if got, err := Size(text); err == nil {
			t.Errorf("%q: %d", text, got)
		}
	}
}

func FuzzWords(f *testing.F) {
	f.Add(`echo "a b" $(c) 'd'`)
	f.Fuzz(func(_ *testing.T, line string) { _, _ = Words(line) })
}

func FuzzSize(f *testing.F) {
	f.Add("1.5GB")
	f.Fuzz(func(t *testing.T, text string) {
		if n, err := Size(text); err == nil && n < 1 {
			t.Fatal(n)
		}
	})
}
